"""What all tests share: marks by folder, random examples that are the same everywhere, and what was skipped."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from groups import BROWSER, group_of
from hypothesis import settings

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), *(str(room) for room in TESTS.iterdir() if room.is_dir())]
if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker has that of the process that began it
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="mdderive-state-")  # whose key is not for the tests
    atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # many processes are started: each module is compiled once for all
sys.dont_write_bytecode = False
settings.register_profile("reproducible", derandomize=True, print_blob=True, deadline=None)
settings.load_profile("reproducible")

ENGINE = ("latex", "algebra", "calculus", "checking", "question", "solution")
"""The rooms from LaTeX to a checked solution; `make quick` runs their tests."""
SLOW = (
    "algebra/test_add_an_operator.py",
    "solution/test_true_words.py",
    "solution/test_corpus.py",
    "linting/test_lint_corpus.py",
    "cli/test_pre_commit.py",
    "test_benchmarks.py",
    "test_effort.py",
    "words/test_words.py",
    "site/test_site_docs.py",
    "site/test_site_builders.py",
    "calculus/test_matrix_functions.py",
    "question/test_implicit.py",
    "solution/test_networks.py",
)
TOOLS = {
    "pandoc": "make tools",
    "npm": "make tools",
    "Neovim": "make tools",
    "Emacs": "make tools",
    "make tools": "make tools",
    "latex": "make tools",
    "Maxima": "make tools",
    "Chromium": "make tools",
    "package index": "a connection to PyPI",
    "jax": "pip install jax",
    "sympy": "pip install sympy",
    "torch": "pip install torch",
    "julia": "Julia, from julialang.org",
    "git": "git",
    "root": "a user who is not root",
}
"""What would run a test that was skipped, by a word of the reason."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the other rooms unread where the engine alone is asked for: importing them takes longer than its tests."""
    room = collection_path.relative_to(TESTS).parts[:1] if collection_path.is_relative_to(TESTS) else ()
    return True if config.option.markexpr == "engine" and room and room[0] not in ENGINE else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder or file; those that take long come first, so that no worker ends with one alone."""
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        if place.split("/")[0] in ENGINE and place not in SLOW:
            item.add_marker(pytest.mark.engine)
        if place in SLOW:
            item.add_marker(pytest.mark.slow)
        if place in BROWSER:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("slow", "browser"))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Return who gives tests to workers, those that belong together to one."""
    from xdist.scheduler import LoadGroupScheduling

    class ByFile(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:  # its own reads a mark from where pytest 9.2 keeps none
            return group_of(nodeid)

    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, and what would run it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("skipped")
    for reason, count in sorted(reasons.items()):
        remedy = next((tool for word, tool in TOOLS.items() if word in reason), "")
        terminalreporter.line(f"{count:4} {reason}" + (f"; would run with: {remedy}" if remedy else ""))
