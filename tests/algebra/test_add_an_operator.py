"""The page that tells how to add an operator: its row is added to a copy of the package, and the tests of rows run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from places import ROOT, TESTS

PAGE = (ROOT / "docs" / "how-to" / "add-an-operator.md").read_text(encoding="utf-8")
ROW = re.search(r"^```python\n((\w+) = Operator\(\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ITS_TESTS = (f"{TESTS}/algebra/test_operators.py", "-k", "invariant")
DERIVE = r"""
import mdderive
found = mdderive.derive(r"\operatorname{secondinvariant}(AX)", "X")
assert found.check.ok
print(found.gradient)
"""


def test_the_row_of_the_page_is_all_that_is_needed(tmp_path: Path) -> None:
    assert ROW is not None
    shutil.copytree(ROOT / "mdderive", tmp_path / "mdderive", ignore=shutil.ignore_patterns("__pycache__"))
    module = tmp_path / re.findall(r"`(mdderive/[\w/]+\.py)`", PAGE)[0]
    module.write_text(f"{module.read_text(encoding='utf-8')}\n\n{ROW[1]}", encoding="utf-8")
    assert run(tmp_path, "-c", DERIVE) == "\\bigl(\\operatorname{tr}(AX)A-AXA\\bigr)^\\top\n"
    said = run(tmp_path, "-m", "pytest", "-vp", "no:cacheprovider", *ITS_TESTS)
    assert (passed := re.search(r"(\d+) passed", said)) and int(passed[1]) == 6


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT / "tests",
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
