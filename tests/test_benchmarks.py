"""The measurements can be taken, and the page shows those that are kept; no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys

from places import ROOT

BENCHMARKS = ROOT / "benchmarks"


def run(*arguments: str) -> str:
    command = [sys.executable, str(BENCHMARKS / "report.py"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def test_a_little_of_everything_is_measured() -> None:
    text = run("--quick")
    assert "2 right, 0 wrong" in text
    assert "check, one file of 20 markers" in text


def test_the_page_shows_the_results_that_are_kept(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import report

    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert report.PAGE.read_text(encoding="utf-8") == report.page(results)
    assert results["derivation"]["right"]["mdderive"] == 33


def test_the_page_of_what_is_supported_shows_what_is_derived(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import supported

    assert supported.PAGE.read_text(encoding="utf-8") == supported.page()
