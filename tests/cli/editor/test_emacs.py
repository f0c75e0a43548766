"""Emacs with eglot, as Debian has them: a diagnostic is shown and an action applied."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from editing import PAGE, memory
from places import ROOT

from mdderive.documents.expand import expand

pytest.importorskip("pygls")
pytestmark = pytest.mark.skipif(shutil.which("emacs") is None, reason="Emacs is missing: make tools")


def test_a_diagnostic_is_shown_and_an_action_applied(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(PAGE, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}
    environment |= {"MDDERIVE_PYTHON": sys.executable, "MDDERIVE_NOTES": str(notes)}
    command = ["emacs", "--batch", "-Q", "-l", str(Path(__file__).with_name("emacs.el"))]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180, cwd=tmp_path)
    if "eglot" in ended.stderr and "Cannot open load file" in ended.stderr:
        pytest.skip("Emacs has no eglot: make tools")
    told = json.loads(ended.stdout.partition("told: ")[2] or "null")
    shown = sorted((line, text, said.partition("]")[0].rpartition("[")[2]) for line, text, said in told or [])
    assert shown == [(3, r"\derive<x^TAx><x>", "E511"), (5, "2a", "E701")], ended.stderr
    assert notes.read_text(encoding="utf-8") == expand(PAGE.replace("2a", "a"), "markdown", memory()).text
