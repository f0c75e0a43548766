"""The pages of the error codes, and what is said of bad markers: all of it is run, and compared word for word.

`make goldens` writes what is printed now into both documents; read the difference with care.
"""

from __future__ import annotations

import re
import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from places import ROOT

from mdderive.cli.main import main

PAGES = ROOT / "docs" / "errors.md"
FIXTURE = ROOT / "tests" / "fixtures" / "errors.md"

SECTION = re.compile(r"^## (E\d{3}) [^\n]+\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
DOCUMENT = re.compile(
    r"^## ([^\n]+)\n\n```marker\n([^\n]+)\n```\n\n```text\n((?:(?!```).)*)^```$", re.MULTILINE | re.DOTALL
)

WITHOUT_EXAMPLE = {
    "E108": "the paragraph would fill the page",
    "E121": "the formula would fill the page",
    "E301": "every operator has a derivative",
    "E401": "a failed check is a bug",
    "E402": "a letter without a value is a bug",
    "E503": "a file in UTF-16 cannot be shown",
    "E504": "it needs a disk that is full",
    "E509": "it takes two programs",
    "E513": "it takes two versions of mdderive",
    "E515": "the page would be long",
    "E516": "it takes a process that is ended from outside",
    "E521": "it is told when a site is built: see test_site_extension.py",
    "E522": "it is told when a site is built: see test_site_extension.py",
    "E599": "it is a bug by definition",
}
FAILED = 4


def printed(command: str) -> tuple[int, str]:
    """Return the exit status of a command line of mdderive and what it prints, on whichever stream."""
    program, *arguments = shlex.split(command)
    assert program == "mdderive"
    stream = TextIOWrapper(BytesIO(), "utf-8", newline="")
    with redirect_stdout(stream), redirect_stderr(stream):
        status = main(arguments)
    stream.flush()
    stream.seek(0)
    return status, stream.read()


def transcript(console: str) -> str:
    """Return a console as it looks when its commands are run in a new folder; `cat` makes the file that it shows."""
    lines: list[str] = []
    with TemporaryDirectory() as folder, chdir(folder):
        for command, shown in COMMAND.findall(console):
            if command.startswith("cat "):
                Path(command.removeprefix("cat ")).write_text(shown, encoding="utf-8")
            else:
                shown = printed(command)[1]
            lines += (f"$ {command}\n", shown)
    return "".join(lines)


def said_of(marker: str) -> tuple[int, str]:
    return printed(shlex.join(["mdderive", "-e", marker]))


def sections() -> dict[str, str]:
    return dict(SECTION.findall(PAGES.read_text(encoding="utf-8")))


def codes_in_source() -> set[str]:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "mdderive").rglob("*.py"))
    return set(re.findall(r"\bE\d{3}\b", source))


# --- the pages -------------------------------------------------------------------------------------------------

CONSOLES = [
    pytest.param(code, console, id=code) for code, body in sections().items() for console in CONSOLE.findall(body)
]


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    assert set(sections()) == codes_in_source()


def test_the_sections_are_in_order_and_each_stands_once() -> None:
    headings = re.findall(r"^## (.*)$", PAGES.read_text(encoding="utf-8"), re.MULTILINE)
    codes = [heading.split()[0] for heading in headings]
    assert codes == sorted(set(codes)) == list(sections())


def test_every_section_has_an_example_or_a_reason() -> None:
    assert {code for code, body in sections().items() if not CONSOLE.search(body)} == set(WITHOUT_EXAMPLE)


@pytest.mark.parametrize(("code", "console"), CONSOLES)
def test_the_console_shows_what_is_printed(code: str, console: str) -> None:
    assert f" {code} " in console
    assert transcript(console) == console


# --- bad markers -----------------------------------------------------------------------------------------------

DOCUMENTS = DOCUMENT.findall(FIXTURE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("marker", "expected"), [pytest.param(x[1], x[2], id=x[0]) for x in DOCUMENTS])
def test_what_is_said_of_a_bad_marker(marker: str, expected: str) -> None:
    assert said_of(marker) == (FAILED, expected)


def test_every_bad_marker_is_run() -> None:
    assert len(DOCUMENTS) == FIXTURE.read_text(encoding="utf-8").count("```marker") > 40


# --- hints that are followed -----------------------------------------------------------------------------------

FOLLOWED = re.compile(DOCUMENT.pattern + r"\n\n```followed\n([^\n]+)\n```$", re.MULTILINE | re.DOTALL)
HINT = "  help: "
OFFERED = re.compile(r"\[([^\[\]]+: [^\[\]]+|[^\[\]]+ = [^\[\].]+)\]")
"""A clause in a hint that can be typed as it stands."""
HONEST = re.compile(r" (?:E3\d\d|E131) ")
"""The codes of what is understood and not supported."""


def is_worked_or_not_supported(marker: str) -> bool:
    """Whether the marker has a solution, whose every line is checked, or is honestly not supported."""
    status, said = said_of(marker)
    return status == 0 or (status == FAILED and HONEST.search(said.partition("\n")[0]) is not None)


@pytest.mark.parametrize("marker", [pytest.param(x[3], id=x[0]) for x in FOLLOWED.findall(FIXTURE.read_text("utf-8"))])
def test_a_hint_that_is_followed_leads_to_a_solution(marker: str) -> None:
    assert is_worked_or_not_supported(marker), said_of(marker)[1]


def test_every_hint_is_followed() -> None:
    followed = {x[0] for x in FOLLOWED.findall(FIXTURE.read_text("utf-8"))}
    assert {title for title, _, said in DOCUMENTS if HINT in said} == followed


@pytest.mark.parametrize(
    ("marker", "clause"),
    [
        pytest.param(marker, clause, id=f"{title}: {clause}")
        for title, marker, said in DOCUMENTS
        for clause in OFFERED.findall(said.partition(HINT)[2])
        if "..." not in clause and not marker.endswith("]")
    ],
)
def test_a_clause_that_is_offered_leads_to_a_solution(marker: str, clause: str) -> None:
    assert is_worked_or_not_supported(f"{marker}[{clause}]"), said_of(f"{marker}[{clause}]")[1]


def rewrite() -> None:
    """Write what is printed now into both documents."""
    for path, pattern, written in ((PAGES, CONSOLE, _console), (FIXTURE, DOCUMENT, _document)):
        path.write_text(pattern.sub(written, path.read_text(encoding="utf-8")), encoding="utf-8")


def _console(found: re.Match[str]) -> str:
    return f"```console\n{transcript(found[1])}```"


def _document(found: re.Match[str]) -> str:
    title, marker, _ = found.groups()
    return f"## {title}\n\n```marker\n{marker}\n```\n\n```text\n{said_of(marker)[1]}```"


if __name__ == "__main__":
    rewrite()
