"""Several processes: the same bytes, the same words and the same status as with one; each request solved once."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from interrupting import heed_ctrl_c

from mdderive.cli.main import _until_ended, main
from mdderive.cli.workers import Workers, solve
from mdderive.documents.cache import Cache
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request, Solved
from mdderive.errors import DeriveError, Note, ShapeError, Span

PAGES = {
    "a.md": "\\derive<a^T X b><X>\n\nInline: \\derive<x^T x><x>.\n\n\\derive<a^T X b><X>\n",
    "b.tex": "\\derive<a^T X b><X>\n\n\\derive<a + \\foo><a>\n",
    "c.md": "\\derive<a^T x><x>\n\n\\derive<X w + c><X>[c: scalar]\n\n\\derive<a^T x><x>[= 2a]\n",
}


def ran(folder: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str, list[str]]:
    """Return all that a user sees of a run over the pages in a new folder."""
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    status = main([*options, str(folder), str(folder / "missing.md")])
    out, err = capfd.readouterr()
    texts = [(folder / name).read_text() for name in PAGES]
    return status, out.replace(str(folder), "."), err.replace(str(folder), "."), texts


@pytest.mark.parametrize("options", [(), ("--check",), ("--format", "json"), ("--diff",)])
def test_nothing_tells_how_many_processes_there_were(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    one = ran(tmp_path / "one", capfd, *options)
    assert ran(tmp_path / "two", capfd, *options, "--jobs", "2") == one
    assert one[0] == 4 and one[2].count("missing.md: E501") == 1 and "E124" in one[2] and "E410" in one[2]


def test_a_process_that_dies_is_no_traceback() -> None:
    request = Request(read_marker(r"\derive<a^T x><x>", 0), "markdown")
    with Workers(2, objects=False) as workers:
        workers.start()
        assert workers._pool is not None
        with pytest.raises(BrokenProcessPool):
            workers._pool.submit(exit_at_once).result()
        workers.begin([request], None)
        with pytest.raises(DeriveError) as caught:
            workers.solve(request)
    assert caught.value.code == "E516"  # no bug of ours


def test_a_lack_of_memory_is_no_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(request: Request) -> None:
        raise MemoryError

    monkeypatch.setattr("mdderive.api.solve", greedy)
    with pytest.raises(DeriveError) as caught:
        solve(Request(read_marker(r"\derive<a^T x><x>", 0), "markdown"))
    assert caught.value.code == "E516"


def exit_at_once() -> None:
    os._exit(1)


def test_a_request_is_begun_once_and_not_if_it_is_kept(tmp_path: Path) -> None:
    first, second = (Request(read_marker(rf"\derive<{a}^T x><x>", 0), "markdown") for a in "ab")
    cache = Cache(tmp_path)
    cache.solver(lambda _: Solved("kept"))(second)
    with Workers(2, objects=False) as workers:
        workers.start()
        workers.begin([first, first, second], cache)
        assert len(workers._begun) == 1
        assert cache.solver(workers.solve)(second).text == "kept"
        assert "a" in workers.solve(first).text


@pytest.fixture
def at_work(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Yield a run that would take half a minute, in a group of processes of its own."""
    if os.name != "posix":
        pytest.skip("there are no groups of processes here")
    path = tmp_path / "a.md"
    path.write_text("".join(f"\\derive<\\|Xw-y\\|^2 + c_{{{k}}}><w>\n\n" for k in range(3000)))
    before = path.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-m", "mdderive", "--jobs", request.param, str(path)],
        stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heed_ctrl_c,
    )  # fmt: skip
    kept = tmp_path / ".cache" / "mdderive"
    while sum(1 for _ in kept.glob("*")) < 20:  # then all processes are at work
        assert process.poll() is None
        time.sleep(0.05)
    yield process
    assert path.read_bytes() == before
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # the last of them needs a moment
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("at_work", ["1", "2"], indirect=True)
def test_ctrl_c_ends_all_processes_and_says_nothing(at_work: subprocess.Popen[str]) -> None:
    os.killpg(at_work.pid, signal.SIGINT)
    assert at_work.communicate(timeout=20)[1] == ""
    assert at_work.returncode == 130


@pytest.mark.parametrize(("number", "ended"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_that_python_drops_comes_again(number: signal.Signals, ended: type[BaseException]) -> None:
    """What is raised in the callback of a weak reference, as when a node is forgotten, goes no further."""

    def work() -> None:
        node = Expression()
        reference = weakref.ref(node, lambda _: signal.raise_signal(number))
        del node
        assert reference() is None
        time.sleep(60)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
    started = time.monotonic()
    try:
        with pytest.raises(ended):
            _until_ended(work)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 30, "who sleeps is woken"


class Expression:
    """Something that a weak reference may go to."""


@pytest.mark.parametrize("at_work", ["2"], indirect=True)
def test_who_is_killed_leaves_no_processes_behind(at_work: subprocess.Popen[str]) -> None:
    at_work.kill()
    at_work.communicate(timeout=20)


def test_errors_survive_the_way_between_processes() -> None:
    error = ShapeError("E203", "no", Span("f", 0, 1), "hint", (Note(Span("f", 1, 2), "n x 1"),))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ShapeError and vars(again) == vars(error) and str(again) == str(error)


@pytest.mark.parametrize("jobs", ["-1", "many", "1.5"])
def test_a_number_of_processes(jobs: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--jobs", jobs, "a.md"]) == 2
    assert "--jobs" in capfd.readouterr().err
