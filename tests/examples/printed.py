#!/usr/bin/env python3
"""Does a program print what a file says? A line of the file that ends in `...` leaves open how it goes on.

    printed.py EXPECTED PROGRAM          TRUENO_BLESS=1: writes the file
"""
import itertools
import os
import subprocess
import sys

expected_path, program = sys.argv[1:]
ran = subprocess.run([program], text=True, capture_output=True)
if ran.returncode != 0 or ran.stderr:
    sys.exit(f"{program} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
with open(expected_path) as f:
    expected = f.read().splitlines()
for number, (want, got) in enumerate(itertools.zip_longest(expected, ran.stdout.splitlines()), 1):
    if want == got or (None not in (want, got) and want.endswith("...") and got.startswith(want[:-3])):
        continue
    if os.environ.get("TRUENO_BLESS") == "1":
        with open(expected_path, "w") as f:
            f.write(ran.stdout)
        break
    sys.exit(f"{expected_path}:{number}: says\n  {want}\nbut what is printed is\n  {got}")
print(ran.stdout, end="")
