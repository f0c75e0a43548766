"""What an author may set, and where: one row a setting; the standard library alone."""

from __future__ import annotations

from ..words import LANGUAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Where = Literal["clause", "front matter", "pyproject", "command line"]

_EVERYWHERE: frozenset[Where] = frozenset({"clause", "front matter", "pyproject", "command line"})
_CLAUSE: frozenset[Where] = frozenset({"clause"})
_FILES: frozenset[Where] = frozenset({"front matter", "pyproject"})
_PROJECT: frozenset[Where] = frozenset({"pyproject"})
_LAYOUTS = ("denominator", "numerator")
_NOTATIONS = ("author", "plain", "nabla")


class Setting:
    """A setting.

    name    as it is written everywhere
    meaning what it does, as `--help` says it
    values  what it may be; () for a text, or for what has a form of its own
    default what holds if nothing is said; "" where the page decides, or where it is asked
    where   the places where it may stand: a clause is one of a marker, of a comment or under `where`
    auto    whether settings of a project, and the command line, may say "auto": what the page has is to hold
    sites   values that only a site can show, so that the command line does not offer them
    """

    __slots__ = ("auto", "default", "meaning", "name", "sites", "values", "where")

    def __init__(
        self, name: str, meaning: str, values: tuple[str, ...] = (), default: str = "",
        where: frozenset[Where] = _EVERYWHERE, auto: bool = False, sites: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.meaning = meaning
        self.values = values
        self.default = default
        self.where = where
        self.auto = auto
        self.sites = sites

    def values_in(self, place: Where) -> tuple[str, ...]:
        """Return what the setting may be in a place."""
        values = self.values if place != "command line" else tuple(x for x in self.values if x not in self.sites)
        return (*values, "auto") if self.auto and place in ("pyproject", "command line") else values

    def of(self, options: Mapping[str, str]) -> str:
        """Return what the options of a question say of it, the default if they say nothing."""
        return options.get(self.name, self.default)


SETTINGS = {
    x.name: x
    for x in (
        Setting("where", "clauses that hold for all markers", where=_FILES),
        Setting("lang", "language of the solutions; auto: that of the page, whatever the settings say",
                LANGUAGES, auto=True),
        Setting("detail", "how much of a derivation to show", ("full", "brief", "result"), "full"),
        Setting("layout", "the derivative of a vector or matrix: one row for each entry of the variable (denominator), "
                "or of f", _LAYOUTS, _LAYOUTS[0]),
        Setting("gradient-layout", "shape of a gradient: that of the variable (denominator), or its transpose",
                _LAYOUTS, _LAYOUTS[0]),
        Setting("notation", "signs of a solution: those of the author, his macros too (author), the "
                "usual ones (plain), his and the nabla for gradients (nabla)", _NOTATIONS, _NOTATIONS[0]),
        Setting("softmax", "whether the softmax of a matrix is one of columns or of rows", ("columns", "rows"),
                where=_CLAUSE),
        Setting("solutions", "fold: to be opened by a click, in Markdown; hide: leave the place of a solution empty",
                ("show", "fold", "hide", "steps"), "show", sites=("steps",)),
        Setting("subject-to", "equations that the variables satisfy; 'solve' finds the stationary points among these",
                where=_CLAUSE),
        Setting("title", "the name of a solution, in its first line", where=_CLAUSE),
        Setting("id", "the name by which a page links to a solution", where=_CLAUSE),
        Setting("macros", "macros that formulas may use", where=_FILES),
        Setting("exclude", "files and folders that are passed over, as .gitignore names them", where=_PROJECT),
        Setting("severity", "how grave a code of the lint is", ("error", "warning", "note", "off"), where=_PROJECT),
    )
}  # fmt: skip


def names_in(place: Where) -> tuple[str, ...]:
    """Return the settings that may stand in a place, in the order of the table."""
    return tuple(x.name for x in SETTINGS.values() if place in x.where)
