"""The how-to page of formulas: every console in it is run, and compared word for word.

`make goldens` writes what is printed now into it; read the difference with care.
"""

from __future__ import annotations

import pytest
from places import ROOT
from test_error_pages import CONSOLE, transcript

PAGE = ROOT / "docs" / "how-to" / "formulas.md"


@pytest.mark.parametrize("console", CONSOLE.findall(PAGE.read_text(encoding="utf-8")))
def test_the_consoles_of_the_page(console: str) -> None:
    assert transcript(console) == console


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(CONSOLE.sub(lambda found: f"```console\n{transcript(found[1])}```", text), encoding="utf-8")
