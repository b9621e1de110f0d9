#!/usr/bin/env python3
"""NumPy and numexpr at the tasks of the benchmark, on the same data, in this process, on one thread.

usage: numpy_peers.py DIRECTORY

Reads DIRECTORY/work.json and *.npy as `trueno-bench-peers --export DIRECTORY` writes them; leaves figures.json there,
and a file with each result at the check sizes, which the benchmark judges before it shows a time. Results go into
arrays that are there already (out=), where the library can do that. What is not installed is left out.
"""
import json
import os
import platform
import re
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    import numpy as np
except ImportError:
    sys.exit("numpy_peers: there is no numpy here (Debian: python3-numpy)")
try:
    import numexpr
    numexpr.set_num_threads(1)
except ImportError:
    numexpr = None

RESULTS = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64}
ROOT = 0.7978845608028654  # of 2/pi


def sigmoid(x, out):
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    return np.divide(1, out, out=out)


def swish(x, out):
    return np.multiply(x, sigmoid(x, out), out=out)


def gelu_tanh(x, out):
    np.multiply(x, x, out=out)
    np.multiply(out, x, out=out)
    np.multiply(out, 0.044715, out=out)
    np.add(out, x, out=out)
    np.multiply(out, ROOT, out=out)
    np.tanh(out, out=out)
    np.add(out, 1, out=out)
    np.multiply(out, x, out=out)
    return np.multiply(out, 0.5, out=out)


def affine(x, a, b, out):
    return np.add(np.multiply(x, a, out=out), b, out=out)


def softmax(x, out):
    np.subtract(x, x.max(), out=out)
    np.exp(out, out=out)
    return np.multiply(out, 1 / out.sum(), out=out)


def layer_norm(x, epsilon, out):
    np.subtract(x, x.mean(), out=out)
    return np.multiply(out, 1 / np.sqrt(np.dot(out, out) / x.dtype.type(x.size) + epsilon), out=out)


def squared_difference(x, y, out):
    np.subtract(x, y, out=out)
    return np.dot(out, out)


def integer_dot(v):
    return np.dot(v.x.astype(np.int64), v.y.astype(np.int64))


# What a task is in NumPy; v has x, y, out, a, b, epsilon. i32 only where the result is that of the task.
NUMPY = {
    "sum": lambda v: np.sum(v.x, dtype=np.int64) if v.integer else np.sum(v.x),
    "mean": lambda v: np.mean(v.x),
    "min": lambda v: np.min(v.x),
    "max": lambda v: np.max(v.x),
    "dot": lambda v: integer_dot(v) if v.integer else np.dot(v.x, v.y),
    "variance": lambda v: np.var(v.x),
    "relu": lambda v: np.maximum(v.x, 0, out=v.out),
    "exp": lambda v: np.exp(v.x, out=v.out),
    "log": lambda v: np.log(v.x, out=v.out),
    "tanh": lambda v: np.tanh(v.x, out=v.out),
    "sqrt": lambda v: np.sqrt(v.x, out=v.out),
    "sigmoid": lambda v: sigmoid(v.x, v.out),
    "swish": lambda v: swish(v.x, v.out),
    "gelu_tanh": lambda v: gelu_tanh(v.x, v.out),
    "relu(a*x+b)": lambda v: np.maximum(affine(v.x, v.a, v.b, v.out), 0, out=v.out),
    "sum((x-y)^2)": lambda v: squared_difference(v.x, v.y, v.out),
    "mean(sigmoid(a*x+b))": lambda v: np.mean(sigmoid(affine(v.x, v.a, v.b, v.out), v.out)),
    "softmax": lambda v: softmax(v.x, v.out),
    "layer_norm": lambda v: layer_norm(v.x, v.epsilon, v.out),
    "sum(x where x>0)": lambda v: np.sum(v.x, where=v.x > 0),
    "call": lambda v: np.sum(v.x),
}

# The same in numexpr. It compiles an expression when it first sees it and finds it by its text from then on.
NUMEXPR = {
    "sum": "sum(x)",
    "min": "min(x)",
    "max": "max(x)",
    "dot": "sum(x*y)",
    "relu": "where(x > 0, x, zero)",
    "exp": "exp(x)",
    "log": "log(x)",
    "tanh": "tanh(x)",
    "sqrt": "sqrt(x)",
    "sigmoid": "one/(one + exp(-x))",
    "swish": "x/(one + exp(-x))",
    "gelu_tanh": "half*x*(one + tanh(root*(x + k*x*x*x)))",
    "relu(a*x+b)": "where(a*x + b > 0, a*x + b, zero)",
    "sum((x-y)^2)": "sum((x - y)*(x - y))",
    "mean(sigmoid(a*x+b))": "sum(one/(one + exp(-(a*x + b))))",
    "sum(x where x>0)": "sum(where(x > 0, x, zero))",
    "call": "sum(x)",
}
COMPILED = "to code: "  # what follows is a name in NUMEXPR


class Values:
    """The arguments of a call, all of one type."""

    def __init__(self, work, row, arrays, n):
        self.integer = row["type"] == "i32"
        self.x, self.y, self.out = (array[:n] for array in arrays)
        scalar = self.x.dtype.type
        self.a, self.b, self.epsilon = (scalar(work[name]) for name in ("a", "b", "epsilon"))
        self.names = {"x": self.x, "y": self.y, "a": self.a, "b": self.b, "zero": scalar(0), "one": scalar(1),
                      "half": scalar(0.5), "root": scalar(ROOT), "k": scalar(0.044715)}


def by_numpy(row):
    return NUMPY.get(row["task"])


def compile_numexpr(row):
    """Text to what numexpr runs, past its cache."""
    text = NUMEXPR.get(row["task"][len(COMPILED):])
    if text is None:
        return None
    names = sorted(set(re.findall("[a-z]+", text)) & {"x", "y", "a", "b", "zero", "one", "half", "root", "k"})
    signature = [(name, numexpr.necompiler.double) for name in names]
    return lambda v: numexpr.NumExpr(text, signature)


def by_numexpr(row):
    if row["task"].startswith(COMPILED):
        return compile_numexpr(row)
    text = NUMEXPR.get(row["task"])
    if text is None or row["type"] == "i32":
        return None
    mean = row["task"].startswith("mean")
    reduces = text.startswith(("sum(", "min(", "max("))

    def call(v):
        if not reduces:
            return numexpr.evaluate(text, local_dict=v.names, global_dict={}, out=v.out)
        result = numexpr.evaluate(text, local_dict=v.names, global_dict={})
        return result / v.x.size if mean else result

    return call


def quarters(times):
    times = sorted(times)

    def at(q):
        return times[min(len(times) - 1, round(q * (len(times) - 1)))]

    return {"least": times[0], "median": at(0.5), "low_quarter": at(0.25), "high_quarter": at(0.75)}


def measure(call, v, budget_ns):
    """ns per call, in batches of about 20 us, as the benchmark itself has them."""
    clock = time.perf_counter_ns
    call(v)
    begin = clock()
    call(v)
    calls = max(1, int(20000 / max(clock() - begin, 100)))
    times, end = [], clock() + budget_ns
    while len(times) < 5 or (clock() < end and len(times) < 500):
        begin = clock()
        for _ in range(calls):
            call(v)
        times.append((clock() - begin) / calls)
    return quarters(times)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    with open(os.path.join(folder, "work.json")) as file:
        work = json.load(file)
    budget_ns = 2e7 if work["quick"] else 1e8
    peers = [("NumPy", by_numpy)] + ([("numexpr", by_numexpr)] if numexpr else [])
    loaded, figures = {}, {}
    for done, row in enumerate(work["rows"]):
        key = (row["values"], row["type"])
        if key not in loaded:
            loaded.clear()  # one set of arrays at a time
            x, y = (np.load(os.path.join(folder, "%s.%s.%s.npy" % ((name,) + key))) for name in "xy")
            loaded[key] = (x, y, np.zeros_like(x))
        for who, find in peers:
            call = find(row)
            if call is None:
                continue
            entry = figures.setdefault((who, row["task"], row["type"]),
                                       {"results": "%s.%d" % (who, len(figures)), "times": []})
            with np.errstate(all="ignore"):
                if not entry["times"]:
                    write_results(work, row, loaded[key], call, os.path.join(folder, entry["results"]))
                times = measure(call, Values(work, row, loaded[key], row["n"]), budget_ns)
            entry["times"].append(dict(times, n=row["n"]))
        if sys.stderr.isatty():
            print("\r[%3d/%d] NumPy and numexpr " % (done + 1, len(work["rows"])), end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    versions = [{"name": "NumPy", "version": np.__version__, "how": "ufuncs with out=, Python " + platform.python_version()}]
    if numexpr:
        versions.append({"name": "numexpr", "version": numexpr.__version__, "how": "evaluate, one thread"})
    found = [dict(value, who=who, task=task, type=kind) for (who, task, kind), value in figures.items()]
    with open(os.path.join(folder, "figures.json"), "w") as file:
        json.dump({"peers": versions, "figures": found}, file)


def write_results(work, row, arrays, call, stem):
    """Leaves what the call makes of the check sizes. A result of another type than the task's is converted to it: if
    that loses something, it is refused as wrong."""
    for n in row["check_sizes"]:
        arrays[2].fill(-1)
        result = np.asarray(call(Values(work, row, arrays, n)))
        np.ascontiguousarray(result, dtype=RESULTS[row["result"]]).tofile("%s.%d.bin" % (stem, n))


if __name__ == "__main__":
    main()
