"""The clauses of a marker: shapes, properties, named intermediates, abbreviations, claims and options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from ..algebra.properties import BY_NAME, BY_SPELLING, COLUMN, SQUARE, properties_in
from ..errors import ParseError, Span, did_you_mean
from ..latex.environments import STRUCTURING
from ..latex.macros import is_macro, read_macro
from ..latex.patterns import lazily
from ..latex.tree import MacroDefinition
from .kinds import ENTRYWISE, WHOLE, Declaration
from .places import SPECTRAL
from .settings import SETTINGS, names_in

KINDS: dict[str, str] = {
    "scalar": "scalar", "标量": "scalar", "vector": "column", "column": "column", "column vector": "column",
    "向量": "column", "列向量": "column", "row": "row", "row vector": "row", "行向量": "row",
    "matrix": "matrix", "矩阵": "matrix", "function": "function", "函数": "function",
    "entry-wise function": "function", "entrywise function": "function", "elementwise function": "function",
    "逐元素函数": "function", "scalar function": "function", "vector function": "function",
    "matrix function": "function", "标量函数": "function", "向量函数": "function", "矩阵函数": "function",
    "eigenvalue": SPECTRAL, "singular value": SPECTRAL, "特征值": SPECTRAL, "奇异值": SPECTRAL,
}  # fmt: skip
_VALUES: dict[str, tuple[str | None, str | None]] = {
    "scalar function": ("1", "1"), "vector function": (None, "1"), "matrix function": (None, None),
    "标量函数": ("1", "1"), "向量函数": (None, "1"), "矩阵函数": (None, None),
}  # fmt: skip
"""The shapes of the values of functions that do not act entry by entry; None is any."""
CONSTRAINED = ("subject-to", "约束", "约束条件")
_OPTIONS = tuple(name for name in names_in("clause") if name not in CONSTRAINED)
_ENTRYWISE = frozenset(word for word, kind in KINDS.items() if kind == "function") - {"function", "函数", *_VALUES}
POSITIVE = (">", r"\gt", "＞")
"""The signs of `x > 0`; the others are those of a positive definite matrix."""
WISHES = ("solve", "hessian", "jacobian", "structured", "answer", "try")


class Equation(NamedTuple):
    """An equation of a clause: `left` (None for a claim), `right`, and where they start in the clause."""

    left: str | None
    right: str
    part: str
    left_start: int
    right_start: int


class Clauses:
    """All that the clauses say, nearest clause last."""

    def __init__(self) -> None:
        self.declarations: dict[str, Declaration] = {}
        self.intermediates: list[Equation] = []
        self.abbreviations: list[Equation] = []
        self.claims: list[Equation] = []
        self.constraints: list[Equation] = []
        self.wishes: dict[str, Span] = {}
        self.options: dict[str, str] = {}
        self.own: set[str] = set()
        self.macros: dict[str, MacroDefinition] = {}

    @property
    def definitions(self) -> list[Equation]:
        """The equations of the intermediates, then those of the abbreviations."""
        return [*self.intermediates, *self.abbreviations]


_COLONS = (":", "：")
_LIVE = lazily(r"[<>]|\]\s*[(\[]|\\(?:href|url|html\w*|class|cssId|style|require|unicode)(?![A-Za-z])")
"""What would be more than text on a page: tags, links, and the macros of MathJax and KaTeX for them."""
_CONTROL = lazily(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED = lazily(r"\\.", re.DOTALL)
_SHAPE = lazily(r"(\S+)\s*(?:x|×|\\times)\s*(\S+)$")
_SIZE = lazily(r"(?:[1-9]\d*|[A-Za-z]\w*|\\?[A-Za-z]+)(?:\*(?:[1-9]\d*|[A-Za-z]\w*|\\?[A-Za-z]+))?")
_CONDITION = lazily(r"\s*(?P<names>[^=<>:：]+?)\s*(?P<sign>>|\\gt(?![A-Za-z])|\\succ(?![A-Za-z])|≻|＞)\s*0\s*$")
r"""A condition `x > 0`, `\Sigma \succ 0` that says what a property does."""
_MEMBER = lazily(r"\s*(?P<names>.+?)\s*\\in\s*\\(?:mathbb\s*\{?R\}?|R|Reals|real)\s*(?:\^\s*(?P<size>.+))?$", re.DOTALL)
_REALS = r"(?:\\mathbb\s*\{?\s*R\s*\}?|\\R(?![A-Za-z])|R|ℝ)"
_MAPPING = lazily(
    rf"{_REALS}\s*(?:\^\s*(?P<argument>\{{[^}}]*\}}|\S))?\s*(?:\\to|\\rightarrow|\\longrightarrow|->|→)\s*"
    rf"(?:{_REALS}\s*(?:\^\s*(?P<power>\{{[^}}]*\}}|\S))?|(?P<shape>\S+\s*(?:x|×)\s*\S+))(?P<rest>.*)",
    re.DOTALL,
)


def read_clauses(where: Sequence[str], context: Sequence[str] = ()) -> Clauses:
    """Return what `context` (clauses of the document) and then `where` (the marker's own) say.

    Raises:
        ParseError: a clause says nothing that is known, with the nearest known word.
    """
    clauses = Clauses()
    for part, texts in (("context", context), ("where", where)):
        for k, text in enumerate(texts):
            if text.strip():
                _read_one(clauses, text, f"{part}:{k}")
    return clauses


def _read_one(clauses: Clauses, text: str, part: str) -> None:
    word = text.strip().lower()
    whole = Span(part, len(text) - len(text.lstrip()), len(text.rstrip()))
    if is_macro(text):
        macro = read_macro(text, part)
        clauses.macros[macro.name] = MacroDefinition(macro.body, macro.arguments, macro.default)
        return
    if word in WISHES:
        clauses.wishes[word] = whole
        return
    member = _MEMBER.match(_with_plain_reals(text, clauses.macros))
    if member:
        _declare(clauses, member["names"], _size_of_member(member["size"]), whole, part)
        return
    condition = _CONDITION.match(text) if word[-1] == "0" else None
    if condition:
        _declare(clauses, condition["names"], "positive" if condition["sign"] in POSITIVE else "SPD", whole, part)
        return
    name, colon, value = _split_colon(text)
    if colon and "-".join(name.lower().split()) in CONSTRAINED:
        _add_constraints(clauses, text, len(name) + 1, part)
        return
    if _add_equation(clauses, text, part):
        return
    if not colon:
        otherwise = "a clause is a shape (X: m x n), a property, an equation or an option"
        hint = did_you_mean(word, (*WISHES, *_OPTIONS), otherwise)
        raise ParseError("E110", f"the clause '{text.strip()}' is not understood", whole, hint)
    key = "-".join(name.lower().split())
    if key in _OPTIONS:
        _set_option(clauses, key, value.strip(), whole)
    else:
        _declare(clauses, name, value, whole, part)


def _with_plain_reals(text: str, macros: Mapping[str, MacroDefinition]) -> str:
    r"""Return the text with `\R` for each macro of the author's that stands for the real numbers."""
    names = [name for name, macro in macros.items() if macro.body.replace(" ", "") in (r"\mathbb{R}", r"\mathbbR")]
    return re.sub("|".join(rf"{re.escape(name)}(?![A-Za-z])" for name in names), r"\\R", text) if names else text


def _split_colon(text: str) -> tuple[str, str, str]:
    for colon in _COLONS:
        if colon in text:
            name, _, value = text.partition(colon)
            return name, colon, value
    return text, "", ""


def _set_option(clauses: Clauses, key: str, value: str, whole: Span) -> None:
    if key in clauses.options and whole.part.startswith("where") and key in clauses.own:
        raise ParseError("E111", f"{key} is given twice", whole, "leave one of them out")
    if whole.part.startswith("where"):
        clauses.own.add(key)
    allowed = SETTINGS[key].values_in("clause")
    if fault := _fault_of_text(value) if not allowed else "":
        hint = "it is shown as it stands, so it is text and formulas, no tags and no links"
        raise ParseError("E111", f"{key} cannot {fault}", whole, hint)
    if allowed and value not in allowed:
        hint = did_you_mean(value, allowed, f"use one of: {', '.join(allowed)}")
        first, comma, rest = value.replace("，", ",").partition(",")
        if comma and first in allowed:
            hint = f"semicolons separate clauses: [{key}: {first}; {rest.strip()}]"
        raise ParseError("E111", f"{key} cannot be '{value}'", whole, hint)
    clauses.options[key] = value


def _fault_of_text(value: str) -> str:
    """Return what a text that is shown as it stands cannot do; "" if nothing is wrong with it."""
    if found := _LIVE.search(value) or STRUCTURING.search(value):
        return f"contain {found[0]}"
    if _CONTROL.search(value):
        return "contain a control character"
    bare = _ESCAPED.sub("", value)
    depths = list(accumulate((sign == "{") - (sign == "}") for sign in bare))
    if depths and (depths[-1] or min(depths) < 0):
        return "have a brace without a partner"
    if value.count("$") % 2 or r"\$" in value:
        return "contain a $ that opens no formula"
    return "end with a backslash" if bare.endswith("\\") else ""


def _size_of_member(size: str | None) -> str:
    if size is None:
        return "scalar"
    size = size.strip()
    if size.startswith("{") and size.endswith("}"):
        size = size[1:-1]
    pair = _SHAPE.match(size.strip())
    return f"{pair[1]} x {pair[2]}" if pair else f"{size.strip()} x 1"


def _declare(clauses: Clauses, names: str, value: str, whole: Span, part: str) -> None:
    """Add what `value` ("m x n", "SPD", "vector, positive", ...) says of each of `names`."""
    said = Declaration()
    for word in re.split(r"[,，、]", value):
        said = _joined(said, _said_by(word.strip(), names, value, whole))
    whole_names = [name.strip() for name, _ in split_at_commas(names) if name.strip()]
    if not whole_names or not value.strip():
        raise ParseError("E112", "this says nothing of anything", whole, "write X: m x n or A: symmetric")
    for name in whole_names:
        before = clauses.declarations.get(name, Declaration())
        clauses.declarations[name] = _joined(before, said)._replace(span=whole)
        _check_together(name, clauses.declarations[name], whole)
        if part.startswith("where"):
            _check_no_other_size(name, before, said.rows, said.columns, clauses.own, whole)
            clauses.own.add(name)


def _said_by(word: str, names: str, value: str, whole: Span) -> Declaration:
    r"""Return what one word of `value` says: a shape, a kind, a property, a mapping `\mathbb{R}^n\to\mathbb{R}`.

    Raises:
        ParseError: it says nothing that is known.
    """
    lower = word.lower()
    if lower in _VALUES:
        return Declaration(*_VALUES[lower], "function", frozenset((WHOLE,)))
    if lower in KINDS:
        return Declaration(kind=KINDS[lower], properties=frozenset((ENTRYWISE,) if lower in _ENTRYWISE else ()))
    mapping = _MAPPING.fullmatch(word)
    if mapping:
        argument, _ = _sizes_in(_size_of_member(mapping["argument"]), whole)
        rows, columns = _sizes_in(mapping["shape"] or _size_of_member(mapping["power"]), whole)
        said = Declaration(rows, columns, "function", frozenset((WHOLE,)), argument=argument)
        return _joined(said, _said_by(mapping["rest"].strip(), names, value, whole))
    if _SHAPE.match(word):
        rows, columns = _sizes_in(word, whole)
        return Declaration(rows, columns, _kind_of(rows, columns))
    before, _, noun = lower.rpartition(" ")
    if noun in KINDS and (properties := properties_in(before)):
        return Declaration(kind=KINDS[noun], properties=properties)
    if (properties := properties_in(lower)) or not word:
        return Declaration(properties=properties)
    hint = _hint_for(word, names.strip(), value)
    raise ParseError("E112", f"'{word}' is neither a shape nor a property", whole, hint)


def _sizes_in(word: str, whole: Span) -> tuple[str, str]:
    """Return the rows and columns that `m x n` says.

    Raises:
        ParseError: one is no size.
    """
    shape = _SHAPE.match(word)
    sizes = (shape[1], shape[2]) if shape else ("1", "1")
    if not all(_SIZE.fullmatch(x) for x in sizes):
        raise ParseError("E112", f"{word} is no size", whole, "write letters or positive numbers, X: m x n")
    return sizes


def _joined(one: Declaration, other: Declaration) -> Declaration:
    """Return what both say; of sizes and kinds the other one counts."""
    return Declaration(
        other.rows if other.rows is not None else one.rows,
        other.columns if other.columns is not None else one.columns,
        other.kind if other.kind is not None else one.kind,
        one.properties | other.properties,
        argument=other.argument if other.argument is not None else one.argument,
    )


def _hint_for(word: str, names: str, value: str) -> str:
    """Return what to write for a word that says nothing of `names`; a clause behind a comma wants a semicolon."""
    before = value[: value.index(word)].rstrip(" ,，、")
    if before.strip() and (word.lower() in WISHES or any(colon in word for colon in _COLONS)):
        return f"semicolons separate clauses: [{names}:{before}; {word}]"
    known = "known: m x n, vector, matrix, scalar, " + ", ".join(sorted(set(BY_SPELLING.values())))
    known = did_you_mean(names.lower(), _OPTIONS, known)
    return did_you_mean(word.lower(), (*BY_SPELLING, *KINDS), known)


_OF_ANY = frozenset(("positive", "invertible", "real", WHOLE, ENTRYWISE))


def _check_together(name: str, declared: Declaration, whole: Span) -> None:
    """Refuse properties that random values cannot have together, or not in the shape that is declared.

    Raises:
        ParseError: there are such.
    """
    properties = declared.properties
    said = properties - _OF_ANY.union(*(BY_NAME[x].besides for x in properties if x in BY_NAME))
    thin = {"column": "a vector", "row": "a row", "scalar": "a scalar"}.get(declared.kind or "", "")
    misplaced = said & (SQUARE | COLUMN if declared.kind == "scalar" else SQUARE) if thin else frozenset[str]()
    if len(said) > 1 or (properties & COLUMN and properties & SQUARE) or misplaced:
        words = [*sorted(misplaced), thin] if misplaced else sorted(properties)
        message = f"{name} cannot be checked as {' and '.join(words)} at once"
        raise ParseError("E113", message, whole, "declare one of them")


def _check_no_other_size(
    name: str, before: Declaration, rows: str | None, columns: str | None, own: set[str], whole: Span
) -> None:
    """Refuse two sizes for one letter in one marker.

    Raises:
        ParseError: there are two.
    """
    if (
        name in own
        and rows is not None
        and before.rows is not None
        and (rows, columns) != (before.rows, before.columns)
    ):
        sizes = f"{before.rows} x {before.columns} and {rows} x {columns}"
        raise ParseError("E113", f"{name} is declared twice, {sizes}", whole, "leave one of them out")


def _kind_of(rows: str, columns: str) -> str:
    if rows == "1":
        return "scalar" if columns == "1" else "row"
    return "column" if columns == "1" else "matrix"


def split_at_commas(text: str, opening: str = "{", closing: str = "}") -> list[tuple[str, int]]:
    """Return the stretches of `text` between the commas outside brackets, each with its start."""
    found, depth, start = [], 0, 0
    for k, sign in enumerate(text + ","):
        depth += (sign in opening) - (sign in closing)
        if sign == "," and depth == 0:
            found.append((text[start:k], start))
            start = k + 1
    return found


def _add_constraints(clauses: Clauses, text: str, start: int, part: str) -> None:
    """Add the equations behind `subject to:`, which commas separate.

    Raises:
        ParseError: one is no equation.
    """
    clauses.wishes.setdefault("solve", Span(part, len(text) - len(text.lstrip()), start - 1))
    for piece, offset in split_at_commas(text[start:].replace("，", ","), "{([", "})]"):
        place = start + offset
        left, sign, right = _sides(piece)
        if not sign or not left.strip() or not right.strip():
            span = Span(part, place + len(piece) - len(piece.lstrip()), place + len(piece.rstrip()))
            raise ParseError("E110", f"'{piece.strip()}' is no equation", span, "write subject to: Ax = b")
        clauses.constraints.append(Equation(left, right, part, place, place + len(left) + 1))


def _sides(text: str) -> tuple[str, str, str]:
    """Return what stands before, and what behind, the first equals sign outside braces."""
    depth = 0
    for k, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if sign == "=" and depth == 0:
            return text[:k], sign, text[k + 1 :]
    return text, "", ""


def _add_equation(clauses: Clauses, text: str, part: str) -> bool:
    """Add the claim or definition that `text` is; return whether it is one."""
    depth = 0
    for k, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if sign != "=" or depth:
            continue
        defines = k > 0 and text[k - 1] == ":"
        left = text[: k - 1] if defines else text[:k]
        if not left.strip() and defines:
            raise ParseError("E110", "nothing stands before :=", Span(part, k - 1, k + 1), "write S := ...")
        equations = clauses.abbreviations if defines else clauses.intermediates if left.strip() else clauses.claims
        equations.append(Equation(left if left.strip() else None, text[k + 1 :], part, 0, k + 1))
        return True
    return False
