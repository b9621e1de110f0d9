#!/usr/bin/env python3
"""Do formatters take the manual pages, and shells the completions, that the tools print of themselves?

    descriptions.py man|bash|zsh|fish TOOL...
"""
import os
import shutil
import subprocess
import sys
import tempfile

kind, tools = sys.argv[1], sys.argv[2:]


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(0)


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **options)
    if done.returncode != 0:
        sys.exit(f"{command} ends with {done.returncode}:\n{done.stdout}")
    return done.stdout


def check_man(name, text):
    checked = 0
    if shutil.which("groff"):
        checked += 1
        if said := run("groff", "-man", "-ww", "-Tutf8", "-z", input=text):
            sys.exit(f"{name}: groff complains:\n{said}")
        shown = run("groff", "-man", "-Tascii", "-P-cbou", input=text)
        if "--help" not in shown or "\\" in shown:
            sys.exit(f"{name}: the page looks wrong:\n{shown}")
    if shutil.which("mandoc"):
        checked += 1
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=text, text=True, capture_output=True)
        said = "\n".join(line for line in done.stdout.splitlines() if "missing date" not in line)  # builds are the same
        if said:
            sys.exit(f"{name}: mandoc complains:\n{said}")
    if not checked:
        skip("there is neither groff nor mandoc (Debian: groff-base, mandoc)")


def check_bash(name, script):
    with open(script, "a") as f:  # what bash itself does when the tabulator is hit
        f.write('\ndone_with=$(complete -p "$1" | sed "s/.*-F \\([^ ]*\\) .*/\\1/")\n'
                'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "$done_with"; printf "%s\\n" "${COMPREPLY[@]}"\n')

    def complete(*words):
        return run("bash", "--norc", "-u", script, name, *words).split()

    if complete("--he") != ["--help"]:
        sys.exit(f"{name} --he: {complete('--he')}")
    if complete("--", "--he") or complete("file"):
        sys.exit(f"{name}: options where none can be")
    if name == "trueno-jitdump" and (complete("--st") != ["--stage"] or complete("--stage", "--st")):
        sys.exit(f"{name} --st: {complete('--st')}; as a value: {complete('--stage', '--st')}")


def check_zsh(name, script):
    run("zsh", "-f", "-n", script)
    text = open(script).read()
    if not text.startswith(f"#compdef {name}\n"):
        sys.exit(f"{name}: zsh does not know what this completes")
    said = run("zsh", "-f", "-c", '_arguments() { print -rl -- "$@"; }; source "$1"', "zsh", script)
    if not any(line.startswith("--help[") for line in said.splitlines()):
        sys.exit(f"{name}: zsh reads\n{said}")


def check_fish(name, script):
    said = run("fish", "--no-config", "-c", f"source {script}; complete -C '{name} --he'")
    if said.split("\t")[0] != "--help":
        sys.exit(f"{name} --he: {said}")


if kind != "man" and not shutil.which(kind):
    skip(f"there is no {kind}")
with tempfile.TemporaryDirectory() as directory:
    for tool in tools:
        name = os.path.basename(tool)
        text = run(tool, "--man") if kind == "man" else run(tool, "--completion", kind)
        script = os.path.join(directory, name)
        with open(script, "w") as f:
            f.write(text)
        if kind == "man":
            check_man(name, text)
        else:
            {"bash": check_bash, "zsh": check_zsh, "fish": check_fish}[kind](name, script)
print("fine")
