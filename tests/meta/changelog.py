#!/usr/bin/env python3
"""Do the header, the build and the changelog speak of one version?

    changelog.py ROOT VERSION_OF_THE_BUILD

In CHANGELOG.md, [Unreleased] stands first, or the version itself; what was released is not later than it, and each
is later than the one below.
"""
import re
import sys
from pathlib import Path

root, built = Path(sys.argv[1]), sys.argv[2]
header = (root / "include" / "trueno" / "version.h").read_text()
numbers = [re.search(rf"define TRUENO_VERSION_{part} (\d+)\n", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
text = re.search(r'define TRUENO_VERSION_STRING "(.*)"\n', header)[1]
if not ".".join(numbers) == text == built:
    sys.exit(f"the header says {'.'.join(numbers)} and '{text}', the build {built}")

headings = re.findall(r"^## (.*)$", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
released = []
for number, heading in enumerate(headings):
    if heading == "[Unreleased]" and number == 0:
        continue
    found = re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d", heading)
    if not found:
        sys.exit(f"CHANGELOG.md: '## {heading}' is neither [Unreleased], first, nor [1.2.3] - 2000-12-31")
    released.append(tuple(map(int, found.groups())))
version = tuple(map(int, numbers))
if not headings or (headings[0] != "[Unreleased]" and released[0] != version):
    sys.exit(f"CHANGELOG.md begins with neither [Unreleased] nor [{text}]")
if released != sorted(set(released), reverse=True) or (released and released[0] > version):
    sys.exit(f"CHANGELOG.md: the releases {released} do not descend from {version}")
print(f"{text}, after {len(released)} releases")
