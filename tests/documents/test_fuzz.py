"""What the fuzzer found once, and that it can begin: the scanners under inputs of all kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import EXTRA, FOUND, TARGETS, try_one

PIECES = [*EXTRA, "\\derive<a><x>", "$\\nabla_x a = b$", "text\n\n", "`", "```\n", "<", "--- \n"]


@pytest.mark.parametrize("path", sorted(FOUND.glob("*")), ids=lambda path: path.name)
def test_what_was_found_is_mended(path: Path) -> None:
    try_one(path.read_bytes())


@pytest.mark.parametrize("kind", range(len(TARGETS)))
def test_every_target_takes_every_piece(kind: int) -> None:
    for k, piece in enumerate(PIECES):
        for end in ("", "\n", "\n\n", "\r\n"):
            text = piece + end + PIECES[(7 * k + 3) % len(PIECES)] + end + piece
            try_one(bytes([kind]) + text.encode())
    try_one(b"")
