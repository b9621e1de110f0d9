#!/usr/bin/env python3
"""Do the pages show the examples as they are?

    pages.py ROOT          TRUENO_BLESS=1: writes the examples into the pages

In a page, `<!-- examples/fused.cpp -->` stands above a code block that is docs/examples/fused.cpp. Each example and
what it prints must be shown on some page.
"""
import os
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])
examples = root / "docs" / "examples"
marked = re.compile(r"<!-- examples/(\S+) -->\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
wrong, shown = [], set()
for page in pages:
    text = page.read_text()
    markers = text.count("<!-- examples/")
    blocks = list(marked.finditer(text))
    if markers != len(blocks):
        wrong.append(f"{page}: {markers} marks `<!-- examples/... -->`, but {len(blocks)} with a code block below")
    for block in reversed(blocks):
        file = examples / block[1]
        shown.add(block[1])
        if not file.exists():
            wrong.append(f"{page}: there is no {file}")
        elif block[2] != file.read_text():
            if os.environ.get("TRUENO_BLESS") == "1":
                text = text[: block.start(2)] + file.read_text() + text[block.end(2) :]
            else:
                wrong.append(f"{page}: what is shown as {block[1]} is not what is in {file} (TRUENO_BLESS=1 copies it)")
    if text != page.read_text():
        page.write_text(text)
wrong += [f"{f}: is shown on no page" for f in sorted(examples.iterdir()) if f.name not in shown]
if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(shown)} examples and outputs are shown as they are")
