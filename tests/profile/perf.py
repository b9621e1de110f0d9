#!/usr/bin/env python3
"""Does perf name a kernel, its loops and the lines of its IR?

    perf.py SUBJECT jitdump|map

Records the subject by the processor's time, as that needs no counters, and reads what perf report and annotate print.
"""
import glob
import os
import re
import sys
import tempfile

from checks import expect, need, refuse, run, skip, subject_runs

subject, format = sys.argv[1:]
LOOP = r"trueno::gauss \[\S+ vl\d+\] main loop"
need("perf", "linux-perf")


def perf(directory, *arguments, **variables):
    code, said = run(["perf", *arguments], directory, **variables)
    if code != 0:
        sys.exit(f"perf {' '.join(arguments)} fails, exit code {code}:\n{said}")
    return said


def record(directory, name, **variables):
    perf(directory, "record", "-q", "-e", "cpu-clock", "-k", "1", "-o", name, "--", subject, "500", **variables)


def check_report(text):
    """The main loop comes first: nearly all of the time is spent there."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    share, name = expect(rf"([\d.]+)%.*({LOOP})", first, "the first line of perf report").groups()
    if float(share) < 50:
        sys.exit(f"the main loop has only {share}% of:\n{text}")
    return name


with tempfile.TemporaryDirectory() as directory:
    subject_runs(subject, directory)
    code, said = run(["perf", "record", "-q", "-e", "cpu-clock", "-o", "probe.data", "--", "true"], directory)
    if code != 0:
        skip(f"perf may not record here: {' '.join(said.split())}")
    if format == "map":
        record(directory, "perf.data", TRUENO_PERF="map")
        pid = re.search(r"(\d+)", perf(directory, "script", "-i", "perf.data", "-F", "pid", "--comm",
                                       os.path.basename(subject)[:15])).group(1)
        check_report(perf(directory, "report", "-i", "perf.data", "--stdio"))
        os.unlink(f"/tmp/perf-{pid}.map")
    else:
        record(directory, "without.data")
        refuse("trueno::gauss", perf(directory, "report", "-i", "without.data", "--stdio"), "recorded without")
        record(directory, "raw.data", TRUENO_PERF="jitdump", TRUENO_PERF_DIR="dumps")
        code, said = run(["perf", "inject", "--jit", "-i", "raw.data", "-o", "perf.data"], directory)
        if "unknown option" in said:
            skip("this perf was built without inject --jit")
        if code != 0 or not glob.glob(f"{directory}/dumps/jitted-*.so"):
            sys.exit(f"perf inject --jit makes nothing of the dump, exit code {code}:\n{said}")
        name = check_report(perf(directory, "report", "-i", "perf.data", "--stdio"))
        lines = perf(directory, "annotate", "-i", "perf.data", "--stdio", "-s", name)
        for line in (r"square = x \* x", r"v\d+ = ldexp\.near\(.*\)", r"v\d+ = sum\(.*\)"):
            expect(rf"^ +: +\d+ +{line}$", lines, "the lines of perf annotate")
        expect(r"square = x \* x\n.*v?mulps", lines, "the instruction below its line")
print("fine")
