#!/usr/bin/env python3
"""Does the shared library show the C ABI, the C++ API, where GDB looks for generated code, and nothing else?

    symbols.py NM LIBRARY HEADER ARCHIVE

What the C header declares must all be there, and no other function of C. Of C++, every function that the static library
has in trueno::v0, the namespace of the API, must be there: one that is not lacks TRUENO_API in its header.
"""
import re
import subprocess
import sys

nm, library, header, archive = sys.argv[1:]


def defined_in(path, *options):
    """(kind, name) of what `path` defines."""
    listed = subprocess.run([nm, *options, "-C", "--defined-only", path], text=True, capture_output=True, check=True)
    found = (re.fullmatch(r"[0-9a-f]+ (\w) (.*)", line) for line in listed.stdout.splitlines())
    return [f.groups() for f in found if f]


names = [name for _, name in defined_in(library, "-D")]
in_c = {name for name in names if re.fullmatch(r"trueno_\w+", name)}
jit_interface = {"__jit_debug_register_code", "__jit_debug_descriptor"}  # GDB's names
if missing := jit_interface - set(names):
    sys.exit(f"{library} does not show what GDB looks for: {missing}")
others = [n for n in names if n not in in_c | jit_interface and not re.match(r"trueno::v0::(?!\(anonymous)", n)]
if others:
    sys.exit(f"{library} shows what is no part of the API:\n" + "\n".join(others))
api = {name for kind, name in defined_in(archive) if kind == "T" and name.startswith("trueno::v0::")}
if not any(name.startswith("trueno::v0::compile(") for name in api):
    sys.exit(f"{archive} has no trueno::compile: this test proves nothing")
if hidden := api - set(names):
    sys.exit("no TRUENO_API in the header, or not for users and so not for trueno::v0:\n" + "\n".join(sorted(hidden)))

with open(header) as f:
    text = f.read()
declared = set(re.findall(r"^(?!TRUENO_MAKER)\w[\w *]*?(trueno_\w+)\([^{;]*;", text, re.MULTILINE))
declared |= set(re.findall(r"^TRUENO_REDUCTION\((trueno_\w+),", text, re.MULTILINE))
if declared != in_c:
    sys.exit(f"declared but not shown: {sorted(declared - in_c)}; shown but not declared: {sorted(in_c - declared)}")
print(f"{len(in_c)} functions of C, {len(names) - len(in_c | jit_interface)} symbols of trueno::v0, nothing else")
