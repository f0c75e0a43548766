r"""What the engine reads in one spelling alone, and authors write in others.

An indicator of two equal indices, `\mathbb{1}(i=j)`, is a Kronecker delta. A product over an index is the exponential
of a sum of logarithms, `\log\prod_i p_i` the sum of these.
A sum without an index goes over samples that nothing counts. `y\_{i}` is `y_i`, escaped from Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..algebra.expressions import remembered
from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import CLOSING, LOGARITHMS, PARTIAL_FRACTIONS, UPRIGHT
from .components import is_index
from .derivatives import has_derivative, solid
from .statements import end_of_term, latex_of, sign
from .surroundings import symbol_of
from .tables import end_of_indicator, inside_indicator
from .worlds import ANY_SUM

_SAMPLES = ("x", r"\mathbf{x}", r"\boldsymbol{x}", r"\bm{x}", "x,y", "(x,y)")
"""What such a sum goes over."""
_STEPS = "ijklmntN"
"""What is put in brackets as an index."""

_ALIKE = {"textbf": "mathbf", "bigtriangledown": "nabla", "triangledown": "nabla"}
"""Macros that are others to the eye."""
_NONE = Piece("blank", "", 0, 0)
_SIGNS = (
    *("=", "[", "||", "{}", "{e}", r"\_", r"\ne", r"\prod", r"\sum"),
    *(f"\\{x}" for x in (*PARTIAL_FRACTIONS, *_ALIKE)),
    *(f"{{{x}}}" for x in LOGARITHMS),
)
"""The signs of which one stands in whatever has another spelling here."""


@remembered(maxsize=8192, beyond=True)
def usual(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return pieces in the spelling that the engine reads."""
    latex = latex_of(pieces)
    if not any(sign in latex for sign in _SIGNS):
        return pieces
    inner = [x._replace(items=usual(x.items)) if x.items else x for x in pieces]
    inner = [x._replace(text=_ALIKE[x.text]) if x.is_macro(*_ALIKE) else x for x in inner]
    inner = [_raw("_", x) if x.is_macro("_") and y.kind == "group" else x for x, y in pairwise((*inner, _NONE))]
    inner = _with_norms(_with_deltas(_with_e(_with_fractions(inner))))
    while inner and inner[-1].kind == "group" and not inner[-1].items:  # {} for a blank
        inner.pop()
    if any(x.is_macro("cdot", "times") for x in inner):
        pairs = pairwise((_NONE, *inner))
        inner = [y for x, y in pairs if y.items or y.kind != "group" or not x.is_macro("cdot", "times")]
    if any(x.is_character("[") for x in inner):
        inner = _with_indices(inner)
    if any(x.is_macro("sum") for x in inner):
        inner = _with_any_sum(inner)
    if any(x.is_macro("prod") for x in inner):
        inner = _with_sums(inner)
    return tuple(inner)


def _raw(text: str, like: Piece) -> Piece:
    return Piece("character", text, like.start, like.end)


def _with_fractions(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with `\frac{\partial f}{\partial x}` for `\pd{f}{x}`."""
    made = list(pieces)
    for k, piece in enumerate(pieces):
        behind = [x.kind == "group" for x in pieces[k + 1 : k + 4]]
        twice = behind[2:] == [True] and piece.text != "pd"  # a macro of authors, which takes two arguments
        if piece.is_macro(*PARTIAL_FRACTIONS) and behind[:2] == [True, True] and not twice:
            made[k] = piece._replace(text="frac")
            for j in (k + 1, k + 2):
                sign = Piece("macro", "partial", pieces[j].start, pieces[j].start)
                made[j] = pieces[j]._replace(items=(sign, *pieces[j].items))
    return made


def _with_indices(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with `x_n` for `x[n]`, `x_{n+1}` for `x[n+1]`, and with x for all of them, `x[\cdot]`."""
    made: list[Piece] = []
    k = 0
    while k < len(pieces):
        end = next((j for j in range(k + 1, min(k + 6, len(pieces))) if pieces[j].is_character("]")), 0)
        inside = solid(pieces[k + 1 : end]) if pieces[k].is_character("[") else []
        if not inside or not _is_variable(made) or not _is_step(inside):
            made.append(pieces[k])
            k += 1
            continue
        if not inside[0].is_macro("cdot"):
            made.append(_raw("_", pieces[k]))
            made.append(Piece("group", "", pieces[k].start, pieces[end].end, tuple(inside)))
        k = end + 1
    return made


def _is_variable(before: Sequence[Piece]) -> bool:
    """Whether a small letter without scripts ends here, perhaps in a face."""
    last = [x for x in before if x.kind != "blank"][-3:]
    if not last or (len(last) > 1 and last[-2].is_character("_^")):
        return False
    name = name_of(symbol_of(latex_of(last[-2:] if last[-1].kind == "group" and len(last) > 1 else last[-1:])))
    return not name.is_capital and (len(name.letter) == 1 or name.letter[:1] == "\\")


def _is_step(inside: Sequence[Piece]) -> bool:
    r"""Whether a number, an index or one beside it stands in brackets, or `\cdot` for all of them."""
    if len(inside) == 1:
        return inside[0].is_macro("cdot") or inside[0].text.isdecimal() or inside[0].is_character(_STEPS)
    first, *rest = inside
    step = len(rest) == 2 and rest[0].is_character("+-") and rest[1].text.isdecimal()
    return step and first.is_character(_STEPS)


def _with_norms(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with `\|` for two bars, where all stand in twos around something: not in `(p||q)`."""
    bars = [k for k, x in enumerate(pieces) if x.is_character("|")]
    twos = bars[::2]
    if not bars or len(bars) % 4 or any(y - x != 1 for x, y in zip(twos, bars[1::2], strict=True)):
        return pieces
    if any(k and (pieces[k - 1].text.isalnum() or sign(pieces[k - 1]) in CLOSING) for k in twos[::2]):
        return pieces
    return [x._replace(kind="macro") if k in twos else x for k, x in enumerate(pieces) if k - 1 not in twos]


def _with_e(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with e for `\text{e}`, where it is raised to something, and `\log` for `\text{log}`."""
    made: list[Piece] = []
    for k, piece in enumerate(pieces):
        letter = pieces[k - 1] if k else piece
        raised = pieces[k + 1 : k + 2] and pieces[k + 1].is_character("^")
        word = latex_of([piece]) if letter.is_macro("text", *UPRIGHT) else ""
        if raised and word == "{e}":
            made[-1] = _raw("e", piece)
        elif word[1:-1] in LOGARITHMS:
            made[-1] = letter._replace(text=word[1:-1])
        else:
            made.append(piece)
    return made


# --- sums without an index -----------------------------------------------------------------------------------


def _with_any_sum(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with a number for `\sum` and `\sum_x`, which go over samples that nothing counts.

    `\sum_{j\ne i}^n` becomes `\sum_{j\ne i}`.

    Both sides of a claim are linear in such a sum, so that it holds if it holds for samples that are equal.
    """
    made: list[Piece] = []
    k = 0
    while k < len(pieces):
        end = _end_of_any_sum(pieces, k) if pieces[k].is_macro("sum") else 0
        made.append(_raw(rf"{ANY_SUM}\cdot ", pieces[k]) if end else pieces[k])
        if not end and pieces[k].is_macro("sum") and (end := _end_of_exception(pieces, k + 1)):
            made += pieces[k + 1 : end - 2]
        k = end or k + 1
    return made


def _end_of_exception(pieces: Sequence[Piece], k: int) -> int:
    r"""Return where the scripts of `\sum_{j\ne i}^n` end, which go over all but one; 0 for any other."""
    end = _behind_scripts(pieces, k)
    except_ = end - k == 4 and pieces[k].is_character("_") and any(x.is_macro("ne", "neq") for x in pieces[k + 1].items)
    return end if except_ and pieces[k + 2].is_character("^") else 0


def _end_of_any_sum(pieces: Sequence[Piece], k: int) -> int:
    """Return where the sign of a sum without an index ends, 0 if it has one or what is summed is applied to it."""
    end = _behind_scripts(pieces, k + 1)
    scripts = [x for x in pieces[k + 1 : end] if x.kind != "blank" and not x.is_macro("limits", "nolimits")]
    if not scripts:
        return end
    if len(scripts) < 2:
        return 0
    over = latex_of(scripts[1].items if scripts[1].kind == "group" else scripts[1:2]).strip()
    letter = over if scripts[0].is_character("_") and len(scripts) == 2 and over in _SAMPLES else ""
    applied = f"({letter})" in latex_of(pieces[end:]).replace(r"\left", "").replace(r"\right", "")
    return end if letter and not applied else 0


# --- indicators ----------------------------------------------------------------------------------------------


def _with_deltas(pieces: Sequence[Piece]) -> list[Piece]:
    r"""Return the pieces with `\delta_{ij}` for `\mathbb{1}(i=j)`, `\mathbf{1}_{\{i=j\}}` and the like."""
    flat = solid(pieces)
    made: list[Piece] = []
    changed = False
    k = 0
    while k < len(flat):
        end = end_of_indicator(flat, k)
        delta = _delta(flat[k:end]) if end else ""
        made.append(_raw(delta, flat[k]) if delta else flat[k])
        changed |= bool(delta)
        k = end if delta else k + 1
    return made if changed else list(pieces)


def _delta(indicator: Sequence[Piece]) -> str:
    r"""Return `\delta_{ij}` for an indicator of `i=j`, `(1-\delta_{ij})` for one of `i \ne j`, "" for any other."""
    inside = inside_indicator(indicator) or []
    if len(inside) != 3 or not is_index(inside[0].text) or not is_index(inside[2].text):
        return ""
    delta = rf"\delta_{{{inside[0].text}{inside[2].text}}}"
    return delta if inside[1].is_character("=") else f"(1-{delta})" if inside[1].is_macro("ne", "neq") else ""


# --- products ------------------------------------------------------------------------------------------------


def _with_sums(pieces: Sequence[Piece]) -> list[Piece]:
    r"""Return the pieces with sums of logarithms for products over an index."""
    made: list[Piece] = []
    k = 0
    while k < len(pieces):
        if not pieces[k].is_macro("prod") or has_derivative(pieces[_behind_scripts(pieces, k + 1) :][:3]):
            made.append(pieces[k])
            k += 1
            continue
        start, end = _behind_scripts(pieces, k + 1), end_of_term(pieces, k + 1, "+-,;.")
        inside = latex_of(_with_sums(pieces[start:end]))
        total = rf"\sum{latex_of(pieces[k + 1 : start])}\log({inside})"
        while made and made[-1].kind == "blank":
            made.pop()
        if made and made[-1].is_macro(*LOGARITHMS):
            made[-1] = _raw(rf"({total})" if end < len(pieces) else total, pieces[k])
        else:
            made.append(_raw(rf"\exp({total})", pieces[k]))
        k = end
    return made


def _behind_scripts(pieces: Sequence[Piece], k: int) -> int:
    while k + 1 < len(pieces) and (pieces[k].is_character("_^") or pieces[k].is_macro("limits", "nolimits")):
        k += 2 if pieces[k].kind == "character" else 1
    return k
