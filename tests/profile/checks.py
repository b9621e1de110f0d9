"""What perf.py and gdb.py share: running things, skipping with a reason, failing with what was printed."""
import os
import re
import shutil
import subprocess
import sys


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(0)


def need(program, package):
    if not shutil.which(program):
        skip(f"there is no {program} (Debian: {package})")


def run(command, directory, **variables):
    """The exit code, and all that was printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TRUENO_")}
    environment.update(HOME=directory, PAGER="cat", LC_ALL="C", DEBUGINFOD_URLS="", **variables)
    done = subprocess.run(command, cwd=directory, env=environment, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
    return done.returncode, done.stdout


def subject_runs(subject, directory):
    code, said = run([subject, "0"], directory)
    if code == 3:
        skip(f"no code is generated here: {said.strip()}")
    if code != 0:
        sys.exit(f"the program itself fails, exit code {code}:\n{said}")


def expect(pattern, text, what):
    """The match of a regular expression that must be there."""
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        sys.exit(f"{what}: there is no match of {pattern!r} in:\n{text}")
    return found


def refuse(pattern, text, what):
    if re.search(pattern, text, re.MULTILINE):
        sys.exit(f"{what}: there is a match of {pattern!r} in:\n{text}")
