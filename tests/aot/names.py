#!/usr/bin/env python3
"""Do the units of loops share code? Functions of one level must not be what the linker keeps for all hosts.

    names.py NM OBJECT...

Data may be shared: it is the same at every level.
"""
import subprocess
import sys

shared = []
for path in sys.argv[2:]:
    listed = subprocess.run([sys.argv[1], "-C", "--defined-only", path], text=True, capture_output=True, check=True)
    symbols = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    if not any(s[1] in "Tt" for s in symbols):
        sys.exit(f"{path} defines no functions: this test proves nothing")
    shared += [f"{path}: {s[2]}" for s in symbols if s[1] in "WwT"]
if shared:
    sys.exit("functions that another unit may define as well:\n" + "\n".join(shared))
print(f"{len(sys.argv) - 2} objects share no function")
