r"""How the author writes what stands in the answer too: `A'` or `A^\mathsf{T}`, `\ln`, `\det`, `\mathbb{1}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..latex.macros import call_at
from ..latex.tree import MacroDefinition, Syntax

OUR_TRANSPOSE, OUR_LOGARITHM, OUR_ONES, OUR_DETERMINANT = r"\top", r"\log", r"\mathbf{1}", r"\lvert"
PRIME = "'"
TRANSPOSES = frozenset(
    ("T", "t", r"\top", r"\intercal", r"\mathsf{T}", r"\mathsf T", r"\mathrm{T}", r"\mathrm T", r"\rm T", r"\text{T}")
)
"""The signs that authors put above a letter for its transpose."""

_SCRIPTED = re.compile(r"[_^']|\\(?:top|prime)(?![A-Za-z])")
_LN, _LOG = (re.compile(rf"\\{name}(?![A-Za-z])") for name in ("ln", "log"))


def author_notation(source: str, tree: Syntax) -> Mapping[str, str]:
    """Return our signs that the author of `source` writes otherwise, each with his; `tree` is what it was read as.

    Where he writes a thing in several ways, ours stands.
    """
    found: dict[str, str] = {}
    nodes = [x for x in tree.walk() if x.span.part == tree.span.part]
    turned = {_sign(source, x) for x in nodes if x.head == "transpose"}
    if not turned and any(x.head == "prime" for x in nodes):
        turned = {PRIME}
    if len(turned) == 1 and turned <= TRANSPOSES | {PRIME}:
        found[OUR_TRANSPOSE] = turned.pop()
    if _LN.search(source) and not _LOG.search(source):
        found[OUR_LOGARITHM] = r"\ln"
    if any(x.head == "call" and x.text == "determinant" for x in nodes):
        found[OUR_DETERMINANT] = r"\det"
    ones = {x.base for x in nodes if x.head == "ones"}
    if len(ones) == 1 and (face := ones.pop()) not in ("", "1"):
        found[OUR_ONES] = face
    return MappingProxyType({ours: his for ours, his in found.items() if ours != his})


def letters_of_macros(
    trees: Iterable[Syntax], sources: Mapping[str, str], macros: Mapping[str, MacroDefinition]
) -> Mapping[str, str]:
    r"""Return the letters that are always written by a macro without arguments, each with it: `\mathbf{X}`, `\bX`.

    `sources` are the texts of the parts in which the `trees` stand. A macro for a letter without face or accent is left
    out: such a letter stands in other names too.
    """
    written: dict[str, set[str]] = {}
    for x in (node for tree in trees for node in tree.walk() if node.head == "symbol"):
        name = call_at(sources.get(x.span.part, ""), x.span.start)
        macro = macros.get(name)
        is_letter = macro is not None and not macro.arguments and not _SCRIPTED.search(macro.body)
        written.setdefault(x.base, set()).add(name if is_letter else "")
    found = {letter: names.pop() for letter, names in written.items() if len(names) == 1 and letter.startswith("\\")}
    return MappingProxyType({letter: name for letter, name in found.items() if name})


def _sign(source: str, node: Syntax) -> str:
    r"""Return what stands above the letter of a transpose: `\mathsf{T}` of `A^{\mathsf{T}}`."""
    script = source[node.arguments[0].span.end : node.span.end].strip().removeprefix("^").strip()
    return script[1:-1].strip() if script.startswith("{") and script.endswith("}") else script
