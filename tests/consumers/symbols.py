#!/usr/bin/env python3
"""Does the shared library show the C ABI, the C++ API, and nothing else?

    symbols.py NM LIBRARY HEADER

What the C header declares must all be there, and no other function of C.
"""
import re
import subprocess
import sys

nm, library, header = sys.argv[1:]
listed = subprocess.run([nm, "-D", "-C", "--defined-only", library], text=True, capture_output=True, check=True)
names = [line.split(maxsplit=2)[2] for line in listed.stdout.splitlines()]
in_c = {name for name in names if re.fullmatch(r"trueno_\w+", name)}
others = [n for n in names if n not in in_c and not re.match(r"trueno::v0::(?!\(anonymous)", n)]
if others:
    sys.exit(f"{library} shows what is no part of the API:\n" + "\n".join(others))
if not any(n.startswith("trueno::v0::compile(") for n in names):
    sys.exit(f"{library} does not show trueno::compile")

with open(header) as f:
    text = f.read()
declared = set(re.findall(r"^(?!TRUENO_MAKER)\w[\w *]*?(trueno_\w+)\([^{;]*;", text, re.MULTILINE))
declared |= set(re.findall(r"^TRUENO_REDUCTION\((trueno_\w+),", text, re.MULTILINE))
if declared != in_c:
    sys.exit(f"declared but not shown: {sorted(declared - in_c)}; shown but not declared: {sorted(in_c - declared)}")
print(f"{len(in_c)} functions of C, {len(names) - len(in_c)} symbols of trueno::v0, nothing else")
