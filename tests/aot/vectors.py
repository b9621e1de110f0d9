#!/usr/bin/env python3
"""Are the loops vectorized? Each that the speed of ordinary kernels hangs on must use its level's vectors.

    vectors.py OBJDUMP LEVEL OBJECT

LEVEL: v1 .. v4. Prints how many of all loops do, and names those that do not.
"""
import re
import subprocess
import sys

objdump, level, path = sys.argv[1:]
register = {"v1": "%xmm", "v2": "%xmm", "v3": "%ymm", "v4": "%zmm"}[level]
# Packed instructions on whole vectors; moves and logic alone would prove nothing for arithmetic.
packed = re.compile(r"\s(v?(add|sub|mul|div|min|max|sqrt|cmp\w*|cvt\w*2\w*|fn?m(add|sub)\w*)p[sd]|v?p(add|sub|mul|cmp|and|or|xor|min|max)\w*"
                    r"|v?pternlog\w*|v?(and|or|xor)n?p[sd]|v?round\w*|vrndscale\w*|v?blend\w*)\s.*" + register)
wanted = {
    "accumulate": ["add<float>", "mul<float>", "add<double>", "add<long>"],
    "map": ["add<float>", "sub<float>", "mul<float>", "div<float>", "sqrt<float>", "least<float>", "greatest<float>",
            "canonical<float>", "choose<int>", "add<double>", "mul<double>", "add<int>", "convert<float, int>"],
}
if level in ("v3", "v4"):  # which have the instruction
    wanted["map"] += ["fma<float>", "fma<double>", "floor<float>", "scaling<float>"]

listing = subprocess.run([objdump, "-d", "-C", "--no-show-raw-insn", path], text=True, capture_output=True, check=True).stdout
loops, name = {}, None
for line in listing.splitlines():
    if opened := re.match(r"[0-9a-f]+ <(.*)>:", line):
        name = opened[1] if re.search(r"::(map|accumulate)<", opened[1]) else None
        if name:
            loops[name] = False
    elif name and packed.search(line):
        loops[name] = True
# A loop may have been put in a function of its own, called by the one that has its name.
missing = [f"{kind} {w}" for kind, names in wanted.items() for w in names
           if not any(vectors for name, vectors in loops.items() if f"::{kind}<" in name and f"::{w}" in name)]
print(f"{level}: {sum(loops.values())} of {len(loops)} loops use {register}")
print("those that do not:\n" + "\n".join("  " + name[:110] for name, vectors in loops.items() if not vectors))
if missing:
    sys.exit("not vectorized, or not there: " + ", ".join(missing))
