"""Fuzzing of the scanners, guided by coverage: `make fuzz SECONDS=600`.

atheris (libFuzzer) grows inputs from a corpus wherever they reach new code; without it, pages are made of the same
words. What it finds is written into `build/fuzz`; once mended, it becomes a file of `tests/fixtures/fuzz`, which
`test_fuzz.py` tries in every run.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1]), str(Path(__file__).parent)]

try:
    import atheris
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["mdderive.documents"]) if atheris else nullcontext():
    import mdderive.documents.html
    import mdderive.documents.latex
    import mdderive.documents.markdown
    import mdderive.documents.restructured  # noqa: F401  # so that they are instrumented
    from mdderive.documents.expand import expand
    from mdderive.documents.followed import macros_around, macros_of_site
    from mdderive.documents.formats import FORMATS
    from mdderive.documents.formulas import formulas, ignored_codes
    from mdderive.documents.notebook import file_with, page_in, place_in
    from mdderive.documents.page import forget, read_page
    from mdderive.documents.site_macros import macros_of_settings
    from mdderive.errors import DeriveError

from places import FIXTURES, ROOT, TESTS  # noqa: E402
from test_documents_properties import FRONT, MARKERS, REGIONS, WORDS, check_page  # noqa: E402

FOUND = FIXTURES / "fuzz"
"""What was found once, each as the fuzzer wrote it: a byte that says what is tried, and a text."""
BUILD = ROOT / "build" / "fuzz"
LONGEST = 3_000
NAMES = ("a.yml", "myst.yml", "a.js", "conf.py", "a.html")
EXTRA = [
    "```{note}", "```{exercise} T", ":label: a", "{math}`", "$$ (eq:a)", "$$ {#eq-a}", '<div markdown="1">', "</div>",
    "<details markdown>", "<summary>", "{{< include a.qmd >}}", "::: {.x}", ".. math::", ":math:`", "::", ".. note::",
    ".. mdderive: X: m x n", "<script type='math/tex'>", "</script>", "&lt;", "&#60;",
    "<annotation encoding='application/x-tex'>",
    "macros: {", "'a': ", '["#1", 1]', "\\begin{frame}", "\\end{frame}", "\\begin{tikzpicture}", "\\end{tikzpicture}",
    "mdderive: off", "mdderive: ignore E701", "\\input{a}", "% !TeX root = a", "\x1e",
]  # fmt: skip


def written(kind: str, text: str) -> None:
    """Expanding is reversible and idempotent, whatever the page is."""
    forget()
    check_page(text, kind)


def linted(kind: str, text: str) -> None:
    """Every formula stands where it is said to stand, and no two overlap."""
    found = formulas(text, kind)
    ignored_codes(text, found)
    read_page(text, kind)
    end = 0
    for one in found:
        assert end <= one.start < one.end <= len(text), (end, one)
        assert one.latex == "" or one.start <= one.locate(0) < one.end, one
        if kind in ("latex", "rst"):
            first = one.latex.lstrip()[:1]
            assert not first or text[one.locate(len(one.latex) - len(one.latex.lstrip()))] == first, one
        end = one.end


def kept_in_notebook(text: str) -> None:
    """A page of cells comes back from a notebook, and the notebook with it."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": x} for x in text.replace("\x1e", "").split("\f")]
    file = json.dumps({"cells": cells, "nbformat": 4}, indent=1, ensure_ascii="\u00e9" not in text)
    page = page_in(file)
    assert file_with(file, page) == file
    new = file_with(file, f"{page}x")
    assert page_in(new) == f"{page}x"
    for problem in expand(page, "notebook", _never).problems:
        place_in(file, problem.place)


def _never(request: object) -> object:
    raise DeriveError("E101", "no")


def any_notebook(text: str) -> None:
    """What is no notebook is refused with a code."""
    try:
        page = page_in(text)
    except DeriveError:
        return
    assert file_with(text, page) == text


def settings(text: str) -> None:
    """Settings are read to an end."""
    for name in NAMES:
        list(macros_of_settings(text, name))


def followed(text: str) -> None:
    """So is what names other files."""
    macros_around(Path("nowhere/a.tex"), text)
    macros_of_site(Path("nowhere/a.md"), text)


TARGETS: tuple[Callable[[str], None], ...] = (
    lambda text: written("markdown", text),
    lambda text: written("latex", text),
    lambda text: written("notebook", text),
    *((lambda text, kind=kind: linted(kind, text)) for kind in FORMATS),
    kept_in_notebook,
    any_notebook,
    settings,
    followed,
)


def try_one(data: bytes) -> None:
    """Try one input: its first byte says what is tried, the rest is the text.

    Raises:
        Exception: whatever goes wrong.
    """
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1 : LONGEST + 1].decode("utf-8", "surrogateescape"))


def corpus() -> list[bytes]:
    """Return inputs to begin with: the pages of the tests, and words."""
    texts = [*MARKERS, *REGIONS, *WORDS, *FRONT, *EXTRA]
    for name in ("markdown.txt", "latex.txt"):
        texts += (TESTS / "documents" / name).read_text(encoding="utf-8").split("\n=")
    texts += [x.read_text(encoding="utf-8")[:LONGEST] for x in sorted((ROOT / "examples").glob("*.*")) if x.is_file()]
    words = [text.encode("utf-8", "surrogateescape") for text in texts]
    found = [path.read_bytes() for path in sorted(FOUND.glob("*"))]
    return found + [bytes([kind]) + word for kind in range(len(TARGETS)) for word in words]


def with_atheris(seconds: int) -> None:
    """Fuzz for a time, guided by coverage; ends the process."""
    here = BUILD / "corpus"
    here.mkdir(parents=True, exist_ok=True)
    for k, data in enumerate(corpus()):
        (here / f"{k:04}").write_bytes(data)
    words = (x for x in (*MARKERS, *REGIONS, *WORDS, *EXTRA) if 0 < len(x) < 60)
    spelled = ("".join(f"\\x{byte:02x}" for byte in x.encode("utf-8", "surrogateescape")) for x in words)
    (BUILD / "words").write_text("".join(f'"{x}"\n' for x in spelled))
    options = [f"-max_total_time={seconds}", "-timeout=20", f"-max_len={LONGEST}", f"-dict={BUILD / 'words'}"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={BUILD}/", str(here)], try_one)
    atheris.Fuzz()


def with_words(seconds: int) -> None:
    """Try pages of the words of the corpus for a time."""
    rng, end, count = random.Random(time.time()), time.monotonic() + seconds, 0
    words = [x.encode("utf-8", "surrogateescape") for x in (*MARKERS, *REGIONS, *WORDS, *EXTRA)]
    ends = [b"", b" ", b"\n", b"\n\n", b"\r\n", b"\n    ", b"\n> ", b"\f"]
    while time.monotonic() < end:
        data = bytes([rng.randrange(256)])
        data += b"".join(rng.choice(words) + rng.choice(ends) for _ in range(rng.randint(1, 30)))
        count += 1
        try:
            try_one(data)
        except Exception:
            BUILD.mkdir(parents=True, exist_ok=True)
            (BUILD / f"crash-{count}").write_bytes(data)
            raise
    print(f"{count} pages, without coverage: pip install atheris for more")


if __name__ == "__main__":
    time_bound = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    (with_atheris if atheris else with_words)(time_bound)
