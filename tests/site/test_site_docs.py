"""What the pages of the project's own site show is what mdderive prints and does.

After a change that is meant, `make goldens` writes the consoles anew; read the difference with care.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from places import ROOT
from site_builds import keep_together, run
from test_error_pages import CONSOLE, transcript

from mdderive.algebra.operators import table

PAGES = [
    ROOT / "README.zh.md",
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.name not in ("errors.md", "command-line.md")),
]
CONSOLES = [
    pytest.param(console, id=f"{page.name}-{k}")
    for page in PAGES
    for k, console in enumerate(CONSOLE.findall(page.read_text(encoding="utf-8")))
]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("console", CONSOLES)
def test_the_console_shows_what_is_printed(console: str) -> None:
    assert transcript(console) == console


@pytest.mark.parametrize("name", ["python.md", "lint.md"])
def test_the_python_of_the_how_to_runs(name: str) -> None:
    space: dict[str, object] = {}
    for source in PYTHON.findall((ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")):
        exec(source, space)


def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    for name in ("docs", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    keep_together(tmp_path)
    done = run("mkdocs", "build", "--strict", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    operators = (tmp_path / "build" / "site" / "reference" / "operators" / "index.html").read_text(encoding="utf-8")
    rows = [row for row in table() if row.rule.en not in ("definition", "a constant")]
    assert operators.count('<span class="mdderive-value"') == len(rows)
    for page in (tmp_path / "build" / "site").rglob("*.html"):
        assert "mdderive-failure" not in page.read_text(encoding="utf-8"), page


if __name__ == "__main__":
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(CONSOLE.sub(lambda m: f"```console\n{transcript(m[1])}```", text), encoding="utf-8")
