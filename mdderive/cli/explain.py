"""The pages of the error codes, which are shipped with mdderive: `mdderive explain E205` prints one."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..errors import did_you_mean
from .terminal import USAGE, write_stdout

_PAGE = re.compile(r"^## (?P<code>E\d{3}) (?P<title>[^\n]+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```\w*\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
_NO_ANCHOR = re.compile(r"[^\w\- ]")
HELP = """usage: mdderive explain [CODE ...]

Print what mdderive knows of an error code: what it means, what to do, an example. Without a code, list all.
"""


def explain(arguments: Sequence[str]) -> int:
    """Print the pages of codes, or the list of all, and return the exit status: 2 where there is no such code."""
    if {"-h", "--help"} & set(arguments):
        write_stdout(HELP)
        return 0
    pages = code_pages()
    unknown = [x for x in arguments if x.upper() not in pages]
    for code in unknown:
        hint = did_you_mean(code.upper(), pages, "mdderive explain lists all codes")
        print(f"mdderive: there is no code {code}\n  help: {hint}", file=sys.stderr)
    if unknown:
        return USAGE
    if arguments:
        write_stdout("\n".join(_without_fences(pages[x]) for x in dict.fromkeys(map(str.upper, arguments))))
    else:
        write_stdout("".join(f"{code}  {title_of(page)}\n" for code, page in pages.items()))
    return 0


@cache
def code_pages() -> dict[str, str]:
    """Return the page of every code, as Markdown that begins with its heading."""
    text = errors_file().read_text(encoding="utf-8")
    return {x["code"]: f"# {x['code']} {x['title']}\n{x['body'].rstrip()}\n" for x in _PAGE.finditer(text)}


def _without_fences(page: str) -> str:
    """Return a page for the terminal: what stands between fences is set in instead."""
    return _FENCED.sub(lambda found: re.sub(r"^(?=.)", "    ", found[1], flags=re.MULTILINE), page)


def title_of(page: str) -> str:
    """Return what the heading of a page says behind the code."""
    return page.partition("\n")[0].split(" ", 2)[2]


@cache
def address_of(code: str) -> str:
    """Return where the page of a code can be opened, a URI; "" if it has none."""
    page = code_pages().get(code)
    if page is None:
        return ""
    anchor = _NO_ANCHOR.sub("", f"{code} {title_of(page)}".lower()).replace(" ", "-")
    return f"{errors_file().resolve().as_uri()}#{anchor}"


def errors_file() -> Path:
    """Return the file that holds the pages: beside the package in a wheel, among the docs in a working copy."""
    package = Path(__file__).parents[1]
    shipped = package / "errors.md"
    return shipped if shipped.is_file() else package.parent / "docs" / "errors.md"
