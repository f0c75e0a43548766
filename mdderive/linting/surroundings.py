r"""What the text around a claim says: definitions, shapes, and properties, as far as they are plain."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from ..algebra.expressions import remembered
from ..algebra.properties import BY_SPELLING
from ..documents.formats import format_named
from ..errors import DeriveError
from ..latex.grammar import parse
from ..latex.names import may_be_letter, name_of, undressed
from ..latex.pieces import Piece
from ..latex.tree import Syntax
from ..latex.vocabulary import TEXTS, UPRIGHT
from ..question.marker import spellings
from .definitions import FARTHER, Before, PageDefinition, Remark
from .derivatives import derivative_of, has_derivative, name_and_arguments
from .statements import DEFINES, EQUALS, OTHER, Chain, Member, latex_of, plain_text

NEAR = 600
"""How many characters behind a claim a definition or a condition may stand, as in "where A is symmetric"."""
MOST_SIGNS_OF_TRANSPOSE = 6
"""By how many pieces a letter and its transpose may differ: a sign, a script, blanks."""
_MARK = "\ufffc"
"""Stands for a formula in the prose, which is searched in small letters: patterns without case find their starts."""
_PROPERTIES: Mapping[str, str] = {word: name for word, name in BY_SPELLING.items() if name != "positive"}


def _one_of(words: Iterable[str], unless: str = "") -> str:
    """Return the pattern of these words, the longest first, none of them behind what is in `unless`.

    At most places of a text, that none begins there is told from their first letters.
    """
    longest_first = sorted(words, key=len, reverse=True)
    first = re.escape("".join(sorted({word[0] for word in longest_first})))
    return rf"(?=[{first}]){unless}(?:{'|'.join(map(re.escape, longest_first))})"


_PROPERTY = _one_of(_PROPERTIES) + r"(?!\s+project|投影)"
_ALL_PROPERTIES = rf"{_PROPERTY}(?:(?:\s*(?:,|and|、|且|和|的)\s*|\s+|-)(?:real\s+)?{_PROPERTY})*"
_SAID_BEHIND = re.compile(
    rf"{_MARK}(?P<k>\d+){_MARK}\s*(?:(?:,|and|和|、)\s*{_MARK}(?P<other>\d+){_MARK}\s*)?(?:\([^)]*\)\s*)?"
    r"(?:is|are|be|being|为|是|都是|均为|都为)(?!\s*not)\s*(?:both|also|an?|the|一个|real|实)?\s*"
    rf"(?:{_MARK}\d+{_MARK}\s*阶?\s*实?\s*)?(?:(?!{_PROPERTY})\w+ and |real |square )?(?P<words>{_ALL_PROPERTIES})",
)
_SAID_BEFORE = re.compile(
    rf"(?<!not )(?<!non-)(?<!非)(?P<words>{_ALL_PROPERTIES})\s*"
    rf"(?:matrix|matrices|vector|vectors|矩阵|阵|向量)?\s*{_MARK}(?P<k>\d+){_MARK}",
)
_ONE_PROPERTY = re.compile(_PROPERTY)
_OF_VECTORS = re.compile(r"vector|vectors|向量|probabilities")
_KIND_BEFORE = re.compile(
    rf"(?P<word>scalar|vector|matrix|标量|向量|矩阵)s?\s*{_MARK}(?P<k>\d+){_MARK}(?!\s*(?:and|with)?\s*respect)"
)
_KIND_BEHIND = re.compile(
    rf"{_MARK}(?P<k>\d+){_MARK}\s*(?:is|denotes|为|是)\s*(?:an?|the|一个)?\s*(?P<word>scalar|标量|constant scalar)\b",
)
_TABLE_ROW = re.compile(r"(?m)^[ \t]*\|.*$")
_BLANK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t>]*(?=[\r\n])")
_FIXED = re.compile(
    r"(?=[fchit固不常无])"
    r"(?:\b(?:fixed|fixing|constants?|held|holding|independent of|treat(?:ed|ing)?)\b|固定|不变|常数|常量|无关)"
)
VARIABLE = "variable"
"""What is said of a letter by which is differentiated."""
_VARIABLE = re.compile(rf"(?:functions?\s+of|respect\s+to|w\.?\s?r\.?\s?t\.?|关于|对于?)\s*{_MARK}(?P<k>\d+){_MARK}")
_WORDS = r"(?:[a-z-]+ ){0,2}"
"""Adjectives between a size and the matrix: `an $n\\times n$ real symmetric matrix`."""
_SIZED = re.compile(
    rf"(?:{_MARK}(?P<k>\d+){_MARK}\s*(?:is|be|为|是)\s*(?:an?|一个)?\s*{_WORDS}{_MARK}(?P<size>\d+){_MARK}\s*{_WORDS}"
    r"(?:matrix|的?(?:实|对称|可逆|正定)*矩阵|阶)"
    rf"|{_MARK}(?P<size2>\d+){_MARK}\s*{_WORDS}(?:matrix|的?(?:实|对称|可逆|正定)*矩阵)\s*{_MARK}(?P<k2>\d+){_MARK})",
)
_OF_ORDER = re.compile(
    rf"(?:{_MARK}(?P<k>\d+){_MARK}\s*(?:is|be|denotes|为|是|表示)\s*(?:an?|the|一个)?\s*)?"
    rf"{_MARK}(?P<n>\d+){_MARK}\s*(?P<unit>阶|维|-?\s?dimensional|-(?=vector))[^\W\d。，；]{{0,6}}?"
    rf"\s*(?:(?:real|column|random)\s+)*(?P<what>矩阵|方阵|向量|vector)(?:\s*{_MARK}(?P<behind>\d+){_MARK})?",
)
"""`$A$ 为 $n$ 阶对称矩阵`, `the $n$-dimensional vector $x$`: a square matrix by its order, a vector by its length."""
_SYMMETRIC_KINDS = (
    "kernel", "gram", "gramian", "covariance", "co-variance", "variance-covariance", "variance covariance",
    "dispersion", "precision", "concentration", "correlation", "mass", "stiffness", "inertia", "laplacian",
    "graph laplacian", "scatter", "information", "fisher information", "hessian", "metric", "normal",
)  # fmt: skip
"""Matrices that are symmetric by what they are, in a word before `matrix`."""
_SYMMETRIC_KINDS_ZH = (
    "协方差", "核", "格拉姆", "gram", "精度", "质量", "刚度", "惯性", "拉普拉斯", "散度", "散布", "信息", "海森",
    "黑塞", "相关系数",
)  # fmt: skip
_PROJECTIONS = (
    "orthogonal projection matrix", "orthogonal projection", "orthogonal projector", "hat matrix", "centering matrix",
    "正交投影矩阵", "正交投影", "帽子矩阵", "中心化矩阵",
)  # fmt: skip
"""Matrices that are symmetric and idempotent by what they are."""
_NAMED = _one_of(
    [
        *_PROJECTIONS,
        *(f"{kind}{sign}{noun}" for kind in _SYMMETRIC_KINDS for sign in "- " for noun in ("matrix", "matrices")),
        *("gramian", "hessian", "laplacian", "graph laplacian"),
        *(f"{kind}{noun}" for kind in _SYMMETRIC_KINDS_ZH for noun in ("矩阵", "阵")),
    ]
)
_NAMED_BEFORE = re.compile(
    rf"(?P<named>{_NAMED})\s*{_MARK}(?P<k>\d+){_MARK}(?:\s*(?:,|and|和|、)\s*{_MARK}(?P<other>\d+){_MARK})?"
)
_NAMED_BEHIND = re.compile(
    rf"{_MARK}(?P<k>\d+){_MARK}\s*(?:(?:,|and|和|、)\s*{_MARK}(?P<other>\d+){_MARK}\s*)?"
    rf"(?:is|are|be|denotes?|for|为|是|表示)\s*(?:an?|the|一个)?\s*(?:[-\w]+\s){{0,3}}?(?:的)?(?P<named>{_NAMED})",
)
_REALS = ("R", "ℝ", r"\R", r"\Reals", r"\real", r"\reals", r"\Re")
_KINDS = {"scalar": "scalar", "constant scalar": "scalar", "标量": "scalar", "vector": "vector", "向量": "vector",
          "matrix": "matrix", "矩阵": "matrix"}  # fmt: skip
_SIZE = re.compile(r"^\{?\s*(\w+|\(\w+\))\s*(?:\\times|×|x)\s*(\w+)\s*\}?$")


@dataclass
class Surroundings:
    """What a page says, in order, and where it is of a book, the pages `before` it."""

    headings: list[int] = field(default_factory=list)
    definitions: dict[str, list[PageDefinition]] = field(default_factory=dict)
    said: dict[str, list[Remark]] = field(default_factory=dict)
    positive: set[str] = field(default_factory=set)
    variables: list[Remark] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    before: Before | None = None
    prose: Iterable[Remark] = ()
    """What its sentences say, until they are read: of most pages before another nobody asks."""

    def section(self, place: int) -> int:
        """Return how many headings stand before a place."""
        return bisect_right(self.headings, place)

    def has_values(self, place: int) -> bool:
        """Return whether the text near a place gives a letter a number, `x = 4`."""
        near = (x for found in self.definitions.values() for x in found if abs(x.place - place) < NEAR)
        return any(x.arguments is None and is_decimal(x.body) for x in near)

    def next_blank(self, place: int) -> int | None:
        """Return where the next blank line behind a place is, None if there is none."""
        k = bisect_right(self.blanks, place)
        return self.blanks[k] if k < len(self.blanks) else None

    def are_in_one_row(self, one: int, other: int) -> bool:
        """Return whether two places are in one row of a table."""
        return any(start <= one < end and start <= other < end for start, end in self.rows)

    def defined(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name, the likeliest to be meant at `place` first."""
        found = self.definitions.get(name) or self._at_step(name) or self._under_parameters(name)
        section = self.section(place) if len(found) > 1 else 0

        def distance(one: PageDefinition) -> tuple[bool, bool, bool, int]:
            behind = one.place > place and (one.place > place + NEAR or before)
            meaning = ("|" in one.body or r"\mid" in one.body) and one.is_meaning
            return meaning, one.section != section, behind, abs(one.place - place)

        before = any(one.section == section and one.place <= place for one in found)
        return sorted(found, key=distance)

    def entries_of(self, letter: str) -> list[str]:
        """Return the names of the entries of a letter that are defined, `A_{ij}` of A."""
        names = [x for x in self.definitions if x[:1] == letter[:1] and x != letter]
        return [x for x in names if str(name_of(x).without_subscript) == letter]

    def earlier(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name on the pages before, the likeliest to be meant at `place` first."""
        return [] if self.before is None else self.before.defined(name, min(place, -1))

    def _at_step(self, name: str) -> list[PageDefinition]:
        r"""Return what `z^{(l+1)}` is, or stands for, where the page says it of `z^{(l)}`."""
        index, by = name_of(name).step
        plain = name_of(name).stepped(index, -by) if by > 0 else None
        found = (_stepped(x, name, index, by) for x in self.definitions.get(str(plain), ()))
        return [x for x in found if x is not None]

    def _under_parameters(self, name: str) -> list[PageDefinition]:
        r"""Return what `h` is where the page says it of `h_\theta(x)`, and the other way round."""
        found = [
            (known, replace(one, name=name))
            for known in self._with_subscripts.get(_stem(name), ())
            for one in self.definitions[known]
            if one.arguments and _tells_parameters({known, name}, one.body)
        ]
        return [one for _, one in found] if found and len({known for known, _ in found}) == 1 else []

    @cached_property
    def _with_subscripts(self) -> dict[str, list[str]]:
        """The names that are defined, by what they are without a subscript."""
        found: dict[str, list[str]] = {}
        for known in self.definitions:
            found.setdefault(_stem(known), []).append(known)
        return found

    def is_surely(self, definition: PageDefinition, found: Sequence[PageDefinition], place: int) -> bool:
        """Return whether a definition is the one that is meant: the only one, or the last in the section of a place."""
        section = self.section(place)
        found = [x for x in found if x.section != FARTHER]
        stands = any(x.place <= place and x.section == section for x in found)
        if definition.section == FARTHER or (definition.place > place and (stands or definition.section != section)):
            return False  # what follows may speak of another function of that name
        if len({x.body for x in found}) == 1:
            return True
        if any(x.body != definition.body and self.are_in_one_row(x.place, definition.place) for x in found):
            return False  # examples stand side by side
        blank = self.next_blank(place)
        until = place + NEAR if blank is None else min(place + NEAR, blank)
        later = [x for x in found if definition.place < x.place <= until and x.body != definition.body]
        return definition.section == section and not later

    def speaks_of_fixed(self, place: int) -> bool:
        """Return whether the text near a place says that something is held fixed."""
        return any(place - NEAR < x < place + NEAR for x in self.fixed)

    def variable_at(self, since: int, place: int) -> str:
        """Return the letter of which the text says between two places that f is a function of it; "" without one."""
        self._read_prose()
        found = [x for x in self.variables if max(since, place - NEAR) <= x.place <= place]
        return max(found, key=lambda x: x.place).name if found else ""

    def said_of(self, names: Sequence[str], place: int) -> list[Remark]:
        """Return what the text says of the letters, of each its latest shape and its properties."""
        if place < 0:
            return [] if self.before is None else self.before.said_of(names, place)
        self._read_prose()
        found: list[Remark] = []
        for name in names:
            said = [x for x in self.said.get(name, []) if x.place < place + NEAR]
            here = [x for x in said if self.section(x.place) == self.section(place)]
            latest: dict[str, Remark] = {}
            for x in sorted(here or said, key=lambda x: x.place):
                latest[x.clause if x.clause in _PROPERTIES.values() else "shape"] = x
            found += latest.values()
        return found

    def _read_prose(self) -> None:
        for said in self.prose:
            (self.variables if said.clause == VARIABLE else self.said.setdefault(said.name, [])).append(said)
        self.prose = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A chain and where in the page it and its formula begin and end."""

    chain: Chain
    start: int
    end: int


def headings(text: str, kind: str) -> list[int]:
    """Return where the sections of a page begin."""
    return [match.start() for match in format_named(kind).syntax().heading.finditer(text)]


def surroundings(
    text: str, sections: list[int], chains: Sequence[Placed], formulas: Sequence[tuple[int, int, str]]
) -> Surroundings:
    """Return what a page says whose `sections` begin there; `formulas` are (start, end, LaTeX) in order."""
    found = Surroundings(sections)
    found.fixed = [x.start() for x in _FIXED.finditer(in_small_letters(text))]
    found.blanks = [x.start() for x in _BLANK.finditer(text)]
    found.rows = [x.span() for x in _TABLE_ROW.finditer(text)]
    listed: list[str] = []
    differentiated: list[PageDefinition] = []
    before = -1
    mapped = ""
    for placed in chains:
        mapped = _mapped(placed.chain) or (mapped if placed.start == before else "")
        for definition in _mappings(placed, mapped, found.section(placed.start)):
            found.definitions.setdefault(definition.name, []).append(definition)
        for definition in _definitions(placed, found.section(placed.start)):
            found.definitions.setdefault(definition.name, []).append(definition)
        differentiated += _differentiated(placed, found.section(placed.start))
        if placed.start != before or len(placed.chain.members) == 1:  # A, B of `A, B, X \\in \\mathbb{R}^n`
            alone = placed.chain.members if len(placed.chain.members) == 1 else ()
            listed = [x.latex for x in alone if x.pieces] + placed.chain.beside
        for said in _said_by_formula(placed, listed if placed.start == before else ()):
            found.said.setdefault(said.name, []).append(said)
        found.positive.update(_positive(placed.chain))
        before = placed.start
    for definition in differentiated:
        known = found.definitions.setdefault(definition.name, [])
        if not any(x.body for x in known if x not in differentiated):
            known.append(definition)
    found.prose = _said_by_prose(text, formulas)
    return found


# --- names -------------------------------------------------------------------------------------------------


@remembered(maxsize=4096, beyond=True)
def tree_of(latex: str) -> Syntax | None:
    """Return the tree of a formula, None if it cannot be read."""
    try:
        return parse(latex, spellings())
    except (DeriveError, RecursionError):
        return None


def is_decimal(latex: str) -> bool:
    """Return whether it is a number as one writes it, `-0.5`."""
    return latex.strip("-").replace(".", "").isdecimal()


def symbol_of(latex: str) -> str:
    """Return the canonical LaTeX of a letter, "" for anything else."""
    tree = tree_of(latex) if may_be_letter(latex) else None
    return tree.text if tree is not None and tree.head == "symbol" else ""


def function_of(latex: str) -> str:
    r"""Return the canonical LaTeX of the name of a function: of a letter, or of `\log L`; "" for anything else."""
    inner = latex.removeprefix(r"\log ")
    name = symbol_of(inner)
    return rf"\log {name}" if name and inner != latex else name


@remembered(maxsize=4096, beyond=True)
def letters_of(latex: str) -> tuple[str, ...]:
    """Return the letters of a formula in the order in which they stand there."""
    tree = tree_of(latex)
    return tuple(dict.fromkeys(x.text for x in tree.walk() if x.head == "symbol")) if tree is not None else ()


def replaced(latex: str, tree: Syntax, swap: Mapping[str, str]) -> str:
    """Return the LaTeX of a tree with letters replaced where they stand."""
    letters = (x for x in tree.walk() if x.head == "symbol" and x.text in swap)
    for start, end, new in sorted({(x.span.start, x.span.end, swap[x.text]) for x in letters}, reverse=True):
        latex = f"{latex[:start]}{{{new if symbol_of(new) else f'({new})'}}}{latex[end:]}"
    return latex


@remembered(maxsize=4096, beyond=True)
def _stem(name: str) -> str:
    return str(name_of(name).without_subscript)


def _tells_parameters(names: Iterable[str], body: str) -> bool:
    r"""Whether the letters below one of the names, the other of which has none, stand in a body: `h`, `h_\theta`."""
    below = [name_of(x).subscript for x in names]
    letters = {undressed(y) for x in below if x is not None for y in x.parts}
    known = {undressed(y) for x in letters_of(body) for y in (x, _stem(x))}
    return None in below and bool(letters) and letters <= known


def _stepped(definition: PageDefinition, name: str, index: str, by: int) -> PageDefinition | None:
    """Return a definition with an index shifted wherever letters carry it; None where one does in another way."""
    formulas = (definition.body, *(definition.derivative or ()))
    new = {y: name_of(y).stepped(index, by) for x in formulas for y in letters_of(x)}
    trees = [tree_of(x) for x in formulas]
    if definition.arguments is not None or index in new or None in new.values():
        return None
    swap = {x: str(y) for x, y in new.items() if str(y) != x}
    body, *of = [x if tree is None else replaced(x, tree, swap) for x, tree in zip(formulas, trees, strict=True)]
    return replace(definition, name=name, body=body, derivative=(of[0], of[1]) if of else None)


def written_out(f: str, where: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return f with the bodies of `name := body` in the place of the names, and the other clauses."""
    rest: list[str] = []
    for clause in reversed(where):
        name, sign_, body = clause.partition(" := ")
        tree = tree_of(f)
        if not sign_ or "(" in name or tree is None:
            rest.append(clause)
        elif name in letters_of(f):
            f = replaced(f, tree, {name: f"({body})"})
    return f, tuple(reversed(rest))


# --- definitions -------------------------------------------------------------------------------------------


def _mapped(chain: Chain) -> str:
    r"""Return f for `f: \mathbb{R}^n \to \mathbb{R}` and `f: x \mapsto a^Tx`, "" for anything else."""
    pieces = chain.members[0].pieces
    colon = next((k for k, x in enumerate(pieces) if x.is_character(":") or x.is_macro("colon")), 0)
    return symbol_of(latex_of(pieces[:colon])) if colon else ""


def _mappings(placed: Placed, name: str, section: int) -> Iterator[PageDefinition]:
    r"""Yield what `x \mapsto a^Tx` defines, the function being called `name`."""
    for one, other in pairwise(placed.chain.members if name else ()):
        if other.spelled in (r"\mapsto", r"\longmapsto"):
            argument = one.latex.rpartition(":")[2].strip().strip("()")
            given = tuple(x.strip() for x in argument.split(","))
            yield PageDefinition(name, given, other.latex, placed.start, section)


def _definitions(placed: Placed, section: int) -> Iterator[PageDefinition]:
    r"""Yield what a chain defines: its first member, if that is a name, as each of the others.

    A word before it, as in `\text{RBF} = \phi(z) = \dots`, is one more name of the same.
    """
    members = [x for x in placed.chain.members if x.pieces]
    names: list[tuple[str, tuple[str, ...] | None]] = []
    by: tuple[str, str] | None = None
    for k, member in enumerate(members):
        if k and member.relation not in (EQUALS, DEFINES):
            return
        derivative = derivative_of(member.pieces)
        if derivative is not None and derivative.order == "first":
            by = (derivative.f, derivative.variable)
            for name, arguments in names:
                yield PageDefinition(name, arguments, "", placed.start, section, by)
            continue
        if derivative is not None or has_derivative(member.pieces):
            return
        name, arguments = name_and_arguments(member.pieces)
        canonical = function_of(name)
        if by is not None and not names and canonical and arguments is None:  # \\partial L/\\partial z = \\delta
            yield PageDefinition(canonical, None, "", placed.start, section, by)
            return
        if k and by is None:
            for known, its in names:
                yield PageDefinition(known, its, member.latex, placed.start, section)
        if arguments and not any(map(letters_of, arguments)):  # the value at a point, `\sigma(0) = \frac12`
            return
        if canonical and (k == 0 or arguments is None or _is_word(members[0].pieces)) and len(names) < 3:
            names.append((canonical, arguments))
        elif k == 0 and not _is_word(member.pieces):
            return


def _differentiated(placed: Placed, section: int) -> Iterator[PageDefinition]:
    r"""Yield what `\nabla_w L = \nabla_w \|Xw-y\|^2` says of L: what it is, but for a constant."""
    for one, other in pairwise(placed.chain.members):
        first, second = (derivative_of(x.pieces) if x.pieces else None for x in (one, other))
        if first is None or second is None or other.relation != EQUALS or first.order != "first" or first.factor:
            continue
        name, arguments = name_and_arguments(first.body)
        same = second.order == "first" and second.variable == first.variable and not second.factor
        if same and function_of(name) and not function_of(name_and_arguments(second.body)[0]):
            yield PageDefinition(function_of(name), arguments, second.f, placed.start, section)


def _is_word(pieces: Sequence[Piece]) -> bool:
    r"""Whether a member is a word of letters, `\text{RBF}` or `RBF`."""
    inner = [x for x in pieces if x.kind != "blank"]
    if len(inner) == 2 and inner[0].is_macro(*TEXTS, *UPRIGHT):
        return plain_text(inner[1:]).strip().isalpha()
    return len(inner) > 1 and all(x.kind == "character" and x.text.isalpha() for x in inner)


def _said_by_formula(placed: Placed, listed: Sequence[str]) -> Iterator[Remark]:
    r"""Yield what `X \in \mathbb{R}^{m \times n}`, also of what is listed before it, and `A = A^T` say."""
    members = placed.chain.members
    for one, other in pairwise(members):
        if not one.pieces or not other.pieces:
            continue
        if other.relation == OTHER:
            definite = _is_definite(one, other)
            clause = "symmetric" if definite else _size_of_space(other)
            names = (one.latex, other.latex) if definite else (*listed, *one.latex.split(","))
            for name in names if clause else ():
                if canonical := symbol_of(name):
                    yield Remark(canonical, clause, placed.start, True)
        elif other.relation == EQUALS and (name := _symmetric(one, other)):
            yield Remark(name, "symmetric", placed.start, True)


def _positive(chain: Chain) -> Iterator[str]:
    """Yield the letters of `R > 0`, which says of a matrix that it is positive definite."""
    for one, other in pairwise(chain.members):
        if other.spelled in (">", r"\gt", r"\ge", r"\geq", r"\geqslant") and other.latex.strip() == "0":
            yield symbol_of(one.latex)


def _is_definite(one: Member, other: Member) -> bool:
    r"""Whether this is `Q \succeq 0` or `0 \prec Q`."""
    zero = "0" in (one.latex.strip(), other.latex.strip())
    return zero and other.spelled in (r"\succ", r"\succeq", r"\prec", r"\preceq", r"\succcurlyeq", r"\preccurlyeq")


def _size_of_space(member: Member) -> str:
    r"""Return the clause that membership in `\mathbb{R}^{m\times n}` is, "" if it is in anything else."""
    name = name_of(member.latex)
    if name.letter not in _REALS or name.accents or any(x.sign == "_" for x in name.scripts[:1]):
        return ""
    if not name.scripts:
        return "scalar"
    rows, times, columns = (x.strip() for x in name.scripts[0].latex.replace(r"\times", "×").partition("×"))
    if not _is_length(rows) or not _is_length(columns or "1"):
        return "vector" if not times else "matrix" if "1" not in (rows, columns) else ""
    return f"{rows} x {columns or 1}"


def _is_length(latex: str) -> bool:
    """Whether it is a number or a single letter."""
    letter = len(latex) == 1 or latex.startswith("\\")
    return latex.lstrip("\\").isalpha() if letter and not latex.isdecimal() else latex[:1] != "0" and latex.isdecimal()


def _symmetric(one: Member, other: Member) -> str:
    """Return the letter of `A = A^T` or `A^T = A`, else ""."""
    if abs(len(one.pieces) - len(other.pieces)) > MOST_SIGNS_OF_TRANSPOSE:
        return ""
    for left, right in ((one, other), (other, one)):
        name = symbol_of(left.latex) if "^" in right.latex else ""
        turned = tree_of(right.latex) if name else None
        if turned is not None and turned.head == "transpose" and turned.arguments[0].text == name:
            return name
    return ""


# --- prose -------------------------------------------------------------------------------------------------


def _said_by_prose(text: str, formulas: Sequence[tuple[int, int, str]]) -> Iterator[Remark]:
    """Yield what sentences such as "where A is symmetric" or "the m x n matrix X" say."""
    marked, places = _marked(in_small_letters(text), formulas)
    for pattern in (_SAID_BEHIND, _SAID_BEFORE):
        for match in pattern.finditer(marked):
            clauses = {_PROPERTIES[word] for word in _ONE_PROPERTY.findall(match["words"])}
            if not _OF_VECTORS.search(match[0]):
                clauses.discard("probability")  # the probability y is a number
            for k in (match["k"], match.groupdict().get("other")):
                for name in _names(formulas[int(k)][2]) if k else ():
                    yield from (Remark(name, clause, places(match.start())) for clause in sorted(clauses))
    for match in _VARIABLE.finditer(marked):
        yield from (Remark(x, VARIABLE, places(match.start())) for x in _names(formulas[int(match["k"])][2]))
    for pattern in (_NAMED_BEFORE, _NAMED_BEHIND):
        for match in pattern.finditer(marked):
            for k in (match["k"], match["other"]):
                for name in _names(formulas[int(k)][2]) if k else ():
                    for clause in ("symmetric", "idempotent")[: 1 + (match["named"] in _PROJECTIONS)]:
                        yield Remark(name, clause, places(match.start()))
    for pattern in (_KIND_BEFORE, _KIND_BEHIND):
        for match in pattern.finditer(marked):
            for name in _names(formulas[int(match["k"])][2]):
                yield Remark(name, _KINDS[match["word"]], places(match.start()))
    for name, clause, place in _of_order(marked, formulas):
        yield Remark(name, clause, places(place))
    for match in _SIZED.finditer(marked):
        size = _SIZE.match(formulas[int(match["size"] or match["size2"])][2].strip())
        for name in _names(formulas[int(match["k"] or match["k2"])][2]) if size else ():
            assert size is not None
            yield Remark(name, f"{size[1]} x {size[2]}", places(match.start()))


def _of_order(marked: str, formulas: Sequence[tuple[int, int, str]]) -> Iterator[tuple[str, str, int]]:
    """Yield (name, clause, place) of the matrices of which the order is said, and of vectors of which the length is."""
    for match in _OF_ORDER.finditer(marked):
        size = formulas[int(match["n"])][2].strip()
        square = match["unit"] == "阶"
        if not _is_length(size) or square != (match["what"] in ("矩阵", "方阵")):
            continue
        letter = match["k"] or match["behind"]
        for name in _names(formulas[int(letter)][2]) if letter else ():
            yield name, f"{size} x {size if square else 1}", match.start()


def in_small_letters(text: str) -> str:
    """Return a text in small letters, each of which stands where the letter stood."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(x if len(x.lower()) > 1 else x.lower() for x in text)


def _names(latex: str) -> list[str]:
    """Return the letters of `A, B`, also of `P(t)` and of `K = ...`; nothing for a formula that is more than that."""
    first = latex.partition("=")[0]
    alone = _APPLIED.fullmatch(first.strip())
    found = [symbol_of(x) for x in (alone["name"] if alone else first).split(",")]
    return found if all(found) else []


_APPLIED = re.compile(r"(?P<name>[^()=,]+)\([^()=]+\)")


def _marked(text: str, formulas: Sequence[tuple[int, int, str]]) -> tuple[str, Callable[[int], int]]:
    """Return the page with a mark for each formula, and what finds the place in the page of a place in it."""
    parts: list[str] = []
    starts, shifts = [0], [0]
    position = length = 0
    for k, (start, end, _) in enumerate(formulas):
        if start < position:
            continue
        mark = f"{_MARK}{k}{_MARK}"
        parts += [text[position:start], mark]
        length += start - position + len(mark)
        position = end
        starts.append(length)
        shifts.append(position - length)
    parts.append(text[position:])

    def place(offset: int) -> int:
        return offset + shifts[bisect_right(starts, offset) - 1]

    return "".join(parts), place
