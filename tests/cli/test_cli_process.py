"""The command line as a process of its own: what it imports, terminals, pipes and full disks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mdderive.cli.main import main
from mdderive.documents.model import Request, Solved

NOTE = "A note.\n\n\\derive<a^T x><x>\n\nThe end.\n"
RUN = "import sys; from mdderive.cli.main import main; sys.exit(main())"
WATCHED = """
import sys
before = set(sys.modules)
from mdderive.cli.main import main
status = main()
foreign = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print(status, *sorted(foreign), *sorted({"mdderive.api", "mdderive.algebra.expressions"} & set(sys.modules)))
"""


def run(*arguments: str, code: str = RUN, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command, encoding="utf-8", check=False, timeout=60, **streams)


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """Return what the command prints on stderr when that is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
        environment |= {"TERM": "xterm-256color", **variables}
        run(*arguments, stderr=theirs, env=environment)
        return os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.fixture
def up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a page whose solutions are up to date."""

    def solve(request: Request) -> Solved:
        return Solved("$$\na\n$$" if not request.inline else "$a$")

    engine = ModuleType("mdderive.api")
    engine.__dict__["solve"] = solve
    monkeypatch.setitem(sys.modules, "mdderive.api", engine)
    path = tmp_path / "a.md"
    path.write_text(NOTE + "\nThe gradient of $a^T x$ is \\derive<a^T x><x>.\n")
    assert main([str(path)]) == 0
    return path


def test_version_needs_the_standard_library_alone() -> None:
    ended = run("--version", code=WATCHED)
    assert ended.stdout.startswith("mdderive 0.") and ended.stdout.endswith("\n0 mdderive\n")


@pytest.mark.parametrize("first", [True, False])
def test_check_of_what_is_up_to_date_needs_the_standard_library_alone(up_to_date: Path, first: bool) -> None:
    if first:  # by its stamps; later by its bytes
        shutil.rmtree(up_to_date.parent / ".cache")
    assert run("--check", str(up_to_date), code=WATCHED).stdout == "0 mdderive\n"
    assert run(str(up_to_date), code=WATCHED).stdout == "0 mdderive\n"


def watching(*modules: str) -> str:
    """Return the code of a run that prints, last, which of some modules it has imported."""
    seen = f"seen = (set(sys.modules) - before) & {set(modules)!r}\nforeign ="
    return WATCHED.replace("foreign =", seen).replace("print(status", "print(status, *sorted(seen)")


def test_known_pages_cost_next_to_nothing(up_to_date: Path) -> None:
    """What takes long to import must not come back: each of these costs more than all the rest of the run."""
    code = watching("argparse", "dataclasses", "typing", "re", "hashlib")
    (up_to_date.parent / "b.md").write_text("no marker\n")
    assert run("--check", str(up_to_date.parent), code=code).stdout == "0 mdderive\n"


@pytest.mark.parametrize("text", ["", "梯度的计算，第二章。\n\n"])
def test_stamps_cost_little(up_to_date: Path, text: str) -> None:
    """After a clone nothing is known: stamps are read without what takes longest to import."""
    up_to_date.write_text(text + up_to_date.read_text())
    main(["--verify-all", str(up_to_date)])
    shutil.rmtree(up_to_date.parent / ".cache")
    foreign = ("argparse", "dataclasses", "inspect", "pathlib", "tomllib", "pkgutil")
    ours = ["documents.markdown", "latex.macros", *["documents.marker", "words.zh"] * (not text)]
    code = watching(*foreign, *(f"mdderive.{x}" for x in ours))
    assert run("--check", str(up_to_date), code=code).stdout == "0 mdderive\n"


def test_help_costs_little_more_than_argparse() -> None:
    code = watching("dataclasses", "inspect", "typing", "pathlib", "pkgutil", "mdderive.documents.model")
    assert run("--help", code=code).stdout.endswith("\n0 mdderive\n")


def test_a_first_answer_needs_no_more_than_the_engine() -> None:
    forms = ("render.code.python", "render.html", "render.markup")
    parts = ("documents.markdown", "documents.page", *forms, "linting.finding", "site")
    foreign = ("dataclasses", "difflib", "html", "inspect", "markdown_it", "pkgutil", "rich", "sympy")
    others = {*foreign, *(f"mdderive.{part}" for part in parts)}
    status, *imported = run("-e", r"\derive<a^TXb><X>", code=watching(*others)).stdout.splitlines()[-1].split()
    assert status == "0" and "mdderive.api" in imported and not others & set(imported)


def test_check_of_what_is_stale_needs_the_engine(up_to_date: Path) -> None:
    up_to_date.write_text(up_to_date.read_text() + "\n" + NOTE)
    ended = run("--check", str(up_to_date))
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_colour_on_a_terminal_only() -> None:
    plain = "missing.md: E501 cannot be read: No such file or directory"
    said = on_a_terminal("missing.md")
    assert "\x1b[" in said and "E501" in said
    assert "\x1b[3" not in on_a_terminal("missing.md", NO_COLOR="1")
    assert run("missing.md").stderr == f"{plain}\n"


def test_a_summary_on_a_terminal_when_something_was_done(up_to_date: Path) -> None:
    assert on_a_terminal("--strip", str(up_to_date)).strip() == "1 file written"


def test_a_full_disk_behind_stdout(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "a.md").write_text("no marker\n")
    for arguments in (["-o", "-", str(tmp_path / "a.md")], ["--version"]):
        with Path("/dev/full").open("w") as full:
            ended = run(*arguments, stdout=full)
        assert (ended.returncode, ended.stderr) == (2, "<stdout>: E504 cannot be written: No space left on device\n")


def test_a_reader_who_has_had_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("no marker\n" * 100_000)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = run("-o", "-", str(path), stdout=writing)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_read_only_folder(up_to_date: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    up_to_date.write_text(NOTE)
    up_to_date.parent.chmod(0o500)
    try:
        ended = run("--strip", "-o", str(up_to_date.parent / "b.md"), str(up_to_date))
    finally:
        up_to_date.parent.chmod(0o700)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{up_to_date.parent / 'b.md'}: E502 cannot be written: ")


def test_streams_are_utf_8_in_every_locale(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = run("-", input="设 x\n", env=environment)
    assert (ended.returncode, ended.stdout) == (0, "设 x\n")


def test_the_whole_way_with_the_real_engine(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(NOTE)
    assert run(str(path)).stderr == ""
    assert r"\frac{\partial f}{\partial x} = a" in path.read_text()
    assert run("--check", "--verify-all", str(path)).returncode == 0
    assert run("--strip", str(path)).returncode == 0
    assert path.read_text() == NOTE


def test_every_object_has_the_promised_keys() -> None:
    keys = ["file", "line", "column", "f", "wrt", "where", "status", "gradient", "names", "python", "shapes"]
    keys += ["steps", "check", "error"]
    good, bad = (
        json.loads(run("-e", marker, "--format", "json").stdout)
        for marker in (r"\derive<a^T x><x>[a: n x 1]", r"\derive<a^T x><z>")
    )
    assert set(keys) <= set(good) and keys == list(bad)
    assert (good["status"], good["gradient"], good["where"], good["error"]) == ("verified", "a", ["a: n x 1"], None)
    assert [set(step) for step in good["steps"]] == [{"rule", "latex", "text", "max_relative_error", "exact"}] * len(
        good["steps"]
    )
    assert bad["status"] == "error" and set(bad["error"]) == {"code", "message", "line", "column"}


def test_sigterm_leaves_nothing_behind(tmp_path: Path) -> None:
    """A run that is ended while it writes takes its temporary file with it, and says so by its status."""
    (tmp_path / "a.md").write_text("\\derive<a^T x><x>[detail: result]\n")
    program = (
        "import os, signal, sys\n"
        "from mdderive.cli.main import main\n"
        "fsync = os.fsync\n"
        "def ended(descriptor):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    fsync(descriptor)\n"
        "os.fsync = ended\n"
        "sys.exit(main(['a.md']))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 143, ended.stderr
    before = signal.getsignal(signal.SIGTERM)
    assert main(["--check", str(tmp_path / "a.md")]) == 1 and signal.getsignal(signal.SIGTERM) is before
    assert [x.name for x in tmp_path.iterdir() if x.name != ".cache"] == ["a.md"]
    assert (tmp_path / "a.md").read_text() == "\\derive<a^T x><x>[detail: result]\n"
