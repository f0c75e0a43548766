"""The how-to pages of formulas and of the lint: every console in them is run, and compared word for word.

`make goldens` writes what is printed now into them; read the difference with care.
"""

from __future__ import annotations

import pytest
from places import ROOT
from test_error_pages import CONSOLE, transcript

PAGES = [ROOT / "docs" / "how-to" / name for name in ("formulas.md", "lint.md")]
CONSOLES = [console for page in PAGES for console in CONSOLE.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("console", CONSOLES)
def test_the_consoles_of_the_pages(console: str) -> None:
    assert transcript(console) == console


if __name__ == "__main__":
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(CONSOLE.sub(lambda found: f"```console\n{transcript(found[1])}```", text), encoding="utf-8")
