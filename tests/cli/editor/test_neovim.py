"""Neovim, as Debian has it: it shows a diagnostic and applies an action."""

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
pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is missing: make tools")


def test_a_diagnostic_is_shown_and_an_action_applied(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(PAGE, encoding="utf-8")
    command = [
        "nvim",
        "--headless",
        "--clean",
        "-n",
        "-u",
        "NONE",
        "-c",
        f"luafile {Path(__file__).with_name('neovim.lua')}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MDDERIVE_TEST": json.dumps([sys.executable, str(notes)])}
    environment["XDG_STATE_HOME"] = environment["XDG_CACHE_HOME"] = str(tmp_path / "state")
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=90, cwd=tmp_path)
    told = json.loads(ended.stdout or "null")
    false = PAGE.split("\n")[4]
    start = len(false[: false.index("2a")].encode())  # Neovim counts bytes
    assert sorted(told or []) == [["E511", 2, 0, 17, 2], ["E701", 4, start, start + 2, 1]], ended.stderr
    assert notes.read_text(encoding="utf-8") == expand(PAGE.replace("2a", "a"), "markdown", memory()).text
