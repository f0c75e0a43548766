"""Where the tests find what they read, the documents of a fixture of markers, and how many examples are tried."""

import os
import re
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TypeVar

TESTS = Path(__file__).parent
ROOT = TESTS.parent
FIXTURES = TESTS / "fixtures"
CORPUS = TESTS / "corpus"
GOLDEN = TESTS / "golden"
EXHAUSTIVE = bool(os.environ.get("EXHAUSTIVE"))
"""Whether all examples that are made up by the hundred are tried (`make exhaustive`), or the same share every time."""

T = TypeVar("T")


def share(made: Iterable[T], one_in: int = 3) -> list[T]:
    """Return one in so many of the examples that were made up by the hundred, or all of them."""
    return list(made if EXHAUSTIVE else islice(made, 0, None, one_in))


def documents(fixture: Path) -> list[tuple[str, str, str]]:
    """Return (title, marker, what is expected of it) for every document of a fixture."""
    text = fixture.read_text(encoding="utf-8")
    return re.findall(r"^## ([^\n]+)\n\n```marker\n(.*?)\n```\n\n(.*?)\n(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL)


def rewrite(fixture: Path, told: Callable[[str], str]) -> None:
    """Write what is told of the markers of the fixture now; the difference is to be read by a human eye."""
    head = fixture.read_text(encoding="utf-8").partition("\n\n")[0]
    parts = [f"## {title}\n\n```marker\n{marker}\n```\n\n{told(marker)}" for title, marker, _ in documents(fixture)]
    fixture.write_text("\n\n".join([head, *parts]) + "\n", encoding="utf-8")
