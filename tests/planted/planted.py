#!/usr/bin/env python3
"""How often does trueno-bench find what was planted, and find something where nothing is?

    planted.py BENCH TRUE SLOWER_LOOP SLOWER_DISPATCH RUNS

Each question is asked RUNS times, with seeds of their own; nothing planted, twice as often. Of what was planted nine of
ten must be found and named as what it is; of nothing, nothing. A layout is planted by --shift-b. Prints the rates.
"""
import json
import subprocess
import sys

LONG = "kernel long(x: f32[]) -> f32 { mean(tanh(x) + log(x*x + 1)) }"
bench, true, loop, dispatch = sys.argv[1:5]
runs = int(sys.argv[5])


def cells(b, seed, *options):
    command = [bench, "ab", true, b, "--json", "--seed", str(seed), *options]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command} ends with {done.returncode}:\n{done.stderr}")
    report = json.loads(done.stdout)
    return {(c["kernel"], c["n"]): c for c in report["cells"]}


def ask(what, needed, times, found):
    """`found(seed)`: why it was not, or nothing."""
    missed = [why for seed in range(times) if (why := found(seed + 1))]
    count = times - len(missed)
    verdict = "fine" if count >= needed * times else "TOO FEW"
    print(f"{what:<60} {count} of {times}  {verdict}", *sorted(set(missed)), sep="\n      " if missed else "", flush=True)
    return verdict == "fine"


def sentence(cell):
    return f"{cell['kernel']} {cell['n']}: {cell['sentence']}{', layout' if cell['layout'] else ''}"


def nothing(seed):
    for c in cells(true, seed).values():
        if c["verdict"] in ("slower", "faster") or c["layout"]:
            return sentence(c)


def slower_loop(n):
    def found(seed):
        c = cells(loop, seed, "--kernel", LONG, "--sizes", "1e2,1e3,1e6")["long", n]
        return None if c["verdict"] == "slower" and c["where"] != "around the code" else sentence(c)

    return found


def slower_dispatch(seed):
    c = cells(dispatch, seed, "--kernel", "sum", "--kernel", "exp", "--sizes", "1e2,1e3,1e4")["sum", 100]
    return None if c["verdict"] == "slower" and c["where"] == "around the code" else sentence(c)


def layout(seed):
    c = cells(true, seed, "--kernel", "sum", "--sizes", "1e2,1e3,1e4", "--shift-b", "3")["sum", 1000]
    return None if c["verdict"] == "equal" and c["layout"] else sentence(c)


answers = [
    ask("A slower loop, n = 1000: found, and not blamed on the call", 0.9, runs, slower_loop(1000)),
    ask("A slower loop, n = 1000000: the same", 0.9, runs, slower_loop(1000000)),
    ask("A slower call, n = 100: found, and not blamed on the loop", 0.9, runs, slower_dispatch),
    ask("Another layout, n = 1000: named as layout", 0.9, runs, layout),
    ask("A = A, all kernels and sizes: nothing found", 1, 2 * runs, nothing),
]
sys.exit(0 if all(answers) else 1)
