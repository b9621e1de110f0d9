#!/usr/bin/env python3
"""Does GDB stop at a kernel by its name, show who called it, disassemble it, and forget it when it goes?

    gdb.py SUBJECT
"""
import os
import re
import sys
import tempfile

from checks import expect, need, refuse, run, skip, subject_runs

subject = sys.argv[1]
need("gdb", "gdb")

# The second breakpoint is on the first instruction of the main loop, in the middle of the function.
SCRIPT = r"""
set pagination off
set confirm off
set width 0
set breakpoint pending on
set environment TRUENO_GDB 1
break trueno::gauss::whole
run 0
echo [entry]\n
backtrace
disassemble
rbreak ^trueno::gauss.*main.loop
delete 1
continue
echo [loop]\n
backtrace
x/2i $pc
echo [steps]\n
set $i = 0
while $i < 200
stepi
backtrace -1
set $i = $i + 1
end
echo [end]\n
delete
break kernel_is_gone
info functions gauss
continue
echo [gone]\n
backtrace
info functions gauss
"""


def between(text, begin, end):
    return text.split(f"[{begin}]\n", 1)[-1].split(f"[{end}]\n", 1)[0]


with tempfile.TemporaryDirectory() as directory:
    subject_runs(subject, directory)
    with open(os.path.join(directory, "script"), "w") as f:
        f.write(SCRIPT)
    code, said = run(["gdb", "-q", "-nx", "-batch", "-x", "script", subject], directory)
    if "ptrace: Operation not permitted" in said or "Could not trace the inferior" in said:
        skip("gdb may not trace processes here")
    if code != 0 or "[gone]" not in said:
        sys.exit(f"gdb does not get to the end, exit code {code}:\n{said}")

LOOP = r"trueno::gauss \[\S+ vl\d+\] main loop"
MAIN = r"^#\d+ .*\bmain \("
entry, loop = between(said, "entry", "loop"), between(said, "loop", "steps")
expect(r"Breakpoint 1 \(trueno::gauss::whole\) pending", said, "before there is a kernel")
expect(r"^#0 .* trueno::gauss::whole \(\)", entry, "the backtrace at the entry")
expect(MAIN, entry, "the backtrace at the entry")
expect(r"<\+0>:\s+endbr64", entry, "the disassembly of the function")
expect(LOOP, entry, "the loop's name in the disassembly")
expect(rf"^#0 .* {LOOP} \(\)", loop, "the backtrace in the loop")
expect(MAIN, loop, "the backtrace in the loop")
expect(rf"=> 0x[0-9a-f]+ <{LOOP}>:\s+v?mov", loop, "the loop's first instruction")
steps = between(said, "steps", "end")
if (found := len(re.findall(MAIN, steps, re.MULTILINE))) != 200:
    sys.exit(f"main is above {found} of 200 instructions:\n{steps}")
before, after = between(said, "end", "gone"), between(said, "gone", "no end")
expect("trueno::gauss::whole", before, "the functions while the kernel lives")
expect(r"^#0 .*kernel_is_gone", after, "the backtrace at the end")
refuse("trueno::gauss", after, "the functions when the kernel is gone")
print("fine")
