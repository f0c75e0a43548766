r"""The name of a letter, taken apart once: `\hat{\mathbf{x}}_{\max,i}^{(t)}` is x in bold, a hat on it, with scripts.

No other module looks into the LaTeX of a name; what one wants to know of it is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .patterns import lazily
from .vocabulary import ACCENTS, FACES, words_of

BOLD = words_of("mathbf boldsymbol bm pmb textbf bold")
_UNSPOKEN = BOLD | words_of("mathrm mathit mathsf mathcal mathbb operatorname text vec")
"""What the name of an argument leaves out."""
_UNLIKE = BOLD | words_of("mathrm mathit mathsf mathcal mathbb vec underline overrightarrow")
"""What authors leave out when they write the same letter again."""
_UPRIGHT = words_of("mathrm mathsf mathsfit text operatorname")
"""The faces of the sign of a conjugate transpose, and of `Id`."""
_IDENTITY_FACES = words_of("mathbf mathrm mathbb boldsymbol bm")
_VECTOR_FACES = words_of("mathbf boldsymbol bm")
_SIGN = lazily(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_BEGINS_NO_LETTER = lazily(
    r"\s*(?:[-\d\[(]|\\(?:[dtc]?frac|sqrt|sum|prod|int|left|begin|exp|log|ln|sin|cos)(?![A-Za-z]))"
)
_BEFORE_SIGNS = ("", "_", "^", "+", "-")
"""Behind these, or first, a sign may be a script, or stand before a letter: `x_+`, `-x`."""
_BARE_SCRIPT = lazily(r".|\\(?!(?:max|min)$)[A-Za-z]+|\\(?:mathrm|mathbf|mathsf|mathcal|text)\{[^{}]*\}")
_ENTRY = lazily(r"\\[A-Za-z]+|\d+|[a-z]")
_WHOLE_LINE = (":", ".", r"\cdot", r"\bullet", r"\ast", "*")
"""The signs that stand for all the indices of a row or column."""
_BRACED_LETTER = lazily(r"\\([A-Za-z]+)\{(?:(\\[A-Za-z]+)|([A-Za-z]|\d))\}(?=_)")
_FUNCTION = lazily(r"\\operatorname\{(\w+)\}|\\(?:[A-Za-z]+|\|)")
_STEP = lazily(r"\s*([A-Za-z]|\\[A-Za-z]+)\s*([+-])\s*(\d+)\s*")
_LEADING_WORD = lazily(r"\s*\\(?:operatorname|mathrm|text)\s*\{(\w+)\}")


class Script(NamedTuple):
    """A script of a name: its `sign`, `_` or `^`, and what stands in it, without braces."""

    sign: str
    latex: str

    def __str__(self) -> str:
        """Return its LaTeX."""
        return self.sign + in_braces(self.latex)

    @property
    def parts(self) -> tuple[str, ...]:
        """What stands between its commas, its own parentheses left out: i and k of `(i, k)`."""
        return tuple(x.strip() for x in _split(self.latex.strip("()[]")))

    @property
    def is_formula(self) -> bool:
        """Whether it is a sum or difference, such as `t-1`."""
        return any(sign in "+-" for sign in _outer(self.latex))

    @property
    def letters(self) -> tuple[str, ...]:
        r"""The letters and numbers that it is written in: i and k of `ik`; `\max`, `\mathrm{train}`, `i_1` are one."""
        return _letters_of_script(self)

    @property
    def nested(self) -> tuple[str, ...]:
        """The letters, each followed by those in its own scripts: i_k and k of `i_k`."""
        return tuple(y for x in self.letters for y in (x, *name_of(x).index_letters))


class Name(NamedTuple):
    r"""A name by its parts.

    letter    `x`, `\Sigma`, or several letters: `train` of `\mathrm{train}`
    dress     the macros around the letter, the outermost first: faces (`mathbf`) and accents (`hat`)
    scripts   in the order in which they stand
    primes    how many
    """

    letter: str
    dress: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    primes: int = 0

    def __str__(self) -> str:
        """Return its canonical LaTeX."""
        return self._dressed(self.dress) + "".join(map(str, self.scripts)) + "'" * self.primes

    def _dressed(self, dress: Iterable[str]) -> str:
        opening = "".join(f"\\{macro}{{" for macro in dress)
        return opening + self.letter + "}" * opening.count("{")

    @property
    def faces(self) -> tuple[str, ...]:
        """The alphabets in which the letter stands."""
        return tuple(x for x in self.dress if x in FACES)

    @property
    def accents(self) -> tuple[str, ...]:
        """What stands over or under the letter."""
        return tuple(x for x in self.dress if x in ACCENTS)

    @property
    def subscript(self) -> Script | None:
        """The first subscript."""
        return next((x for x in self.scripts if x.sign == "_"), None)

    @property
    def without_subscript(self) -> Name:
        """The name without its first subscript."""
        below = self.subscript
        return self._replace(scripts=tuple(x for x in self.scripts if x is not below))

    @property
    def superscript(self) -> Script | None:
        """The first superscript."""
        return next((x for x in self.scripts if x.sign == "^"), None)

    @property
    def is_bold(self) -> bool:
        """Whether the letter is bold, or has an arrow over it."""
        return any(x in BOLD or x == "vec" for x in self.dress)

    @property
    def is_letter(self) -> bool:
        r"""Whether it is the name of one letter, and no formula: `A_k`, `\Sigma`, not `A+B` or BA."""
        return (len(self.letter) == 1 or self.letter.startswith("\\")) and self.letter.removeprefix("\\").isalpha()

    @property
    def is_capital(self) -> bool:
        """Whether the letter is a capital one, Greek ones too."""
        return self.letter.lstrip("\\")[:1].isupper()

    # names by convention

    @property
    def unit_vector(self) -> int | None:
        r"""The place of the one in the unit vector `e_1`, `\mathbf{e}_{12}`; None for any other name."""
        place = self._indexed("e", _VECTOR_FACES)
        return int(place) if place is not None and place.isdecimal() else None

    @property
    def identity(self) -> str | None:
        r"""The size of the identity `I_n`, `n*n` of `I_{n^2}`, "" for `I`, `\mathbf{I}`, `\mathrm{Id}`; else None."""
        size = self._indexed("I", _IDENTITY_FACES) if self.letter != "Id" else self._indexed("Id", _UPRIGHT)
        if size and (root := size.replace("{2}", "2").removesuffix("^2")) != size and root.isalnum():
            return f"{root}*{root}"
        return size if size is None or not size or size.replace("_", "a").isalnum() else None

    @property
    def commutation(self) -> tuple[str, str] | None:
        """The two sizes of the commutation matrix `K_{mn}`; None for any other name."""
        sizes = (self._indexed("K", _VECTOR_FACES) or "").replace(",", " ", 1).replace(" ", "")
        return (sizes[0], sizes[1]) if len(sizes) == 2 and sizes.isalnum() else None

    def _indexed(self, letter: str, faces: Collection[str]) -> str | None:
        """Return the subscript, "" without one, if the name is that letter with nothing else but one of the faces."""
        plain = self.letter == letter and not self.primes and len(self.dress) < 2 and set(self.dress) <= set(faces)
        if not plain or len(self.scripts) > 1 or self.superscript is not None:
            return None
        return self.scripts[0].latex if self.scripts else ""

    # indices

    @property
    def index_letters(self) -> tuple[str, ...]:
        """The letters in its scripts, in order; i_k and k of `x_{i_k}`."""
        return tuple(x for script in self.scripts for x in script.nested)

    def carries(self, index: str) -> bool:
        """Whether it carries the index: `x_i`, `x_{k,i}`, `x_{ik}`, `x^{(i)}`, `x_{k_i}`."""
        scripts = [x for x in self.scripts if not x.is_formula]
        return any(index == x or name_of(x).carries(index) for script in scripts for x in script.letters)

    def shifts(self, index: str) -> bool:
        """Whether it carries the index within a formula: `x_{i+1}`, `x_{k_{i+1}}`."""
        formulas = [x for script in self.scripts if script.is_formula for x in script.nested]
        return index in formulas or any(name_of(x).shifts(index) for script in self.scripts for x in script.letters)

    def lags(self, index: str) -> bool:
        """Whether its subscript is the index with a number added or taken away: `x_{t-1}`, and not `x_{ij+1}`."""
        script = self.subscript.latex if self.subscript is not None and len(self.scripts) == 1 else ""
        sign, number = script.removeprefix(index)[:1], script.removeprefix(index)[1:]
        return script.startswith(index) and sign in ("+", "-") and number.isdigit()

    def runs_together(self, index: str, opened: Collection[str]) -> bool:
        """Whether the index stands in a run of letters that are not all in `opened`, as in `x_{in}`."""
        runs = [part for x in self.scripts for part in x.parts if len(part) > 1 and part.isalpha() and index in part]
        return bool(runs) and any(letter not in opened for letter in runs[0])

    def in_order(self, indices: Iterable[str]) -> tuple[str, ...]:
        """Return the indices in the order in which the name has them."""
        found = tuple(indices)
        return found if len(found) < 2 else tuple(sorted(found, key=self.index_letters.index))

    def family(self, indices: Collection[str]) -> str:
        """Return the LaTeX without these indices: `x` of `x_i` and `x_{ik}`, `W_{h}` of `W_{h,i}`."""
        scripts = "".join(_script_without(script, indices) for script in self.scripts)
        return self._dressed(self.dress) + scripts + "'" * self.primes

    def with_index(self, old: str, new: str) -> Name:
        """Return the name with another letter for one of its indices."""
        return self._replace(scripts=tuple(Script(x.sign, renamed(x.latex, old, new)) for x in self.scripts))

    def at_step(self, index: str, step: str, shifts: Iterable[int] = (-1, 1)) -> Name | None:
        """Return the name with another step for the index, `t+1`, T or a number: h_1 of h_{t-1} at 2.

        Where the index is shifted by what is not in `shifts`, there is none.
        """
        near = {f"{index}{by:+}": _step_beside(step, by, index) for by in shifts}
        near |= {f"({x})": f"({y})" for x, y in near.items()}
        scripts = tuple(Script(x.sign, near.get(x.latex) or renamed(x.latex, index, step)) for x in self.scripts)
        shifted = any(Name(self.letter, scripts=(x,)).shifts(index) and x.latex not in near for x in self.scripts)
        return None if shifted else self._replace(scripts=scripts)

    def accented(self, accent: str) -> Name:
        """Return the name with an accent over it."""
        return self._replace(dress=(accent, *self.dress))

    @property
    def step(self) -> tuple[str, int]:
        """The index that is shifted, and by how much: l and 1 of `z^{(l+1)}`; "" and 0 where none is."""
        found = next((x for script in self.scripts if (x := _STEP.fullmatch(script.latex.strip("()")))), None)
        return (found[1], int(found[2] + found[3])) if found else ("", 0)

    def stepped(self, index: str, by: int) -> Name | None:
        """Return the name with the index shifted, `z^{(l+1)}` for `z^{(l)}`; None where it touches other letters."""
        alone = lazily(rf"(?<![A-Za-z\\]){re.escape(index)}(?![A-Za-z])(?:\s*([+-])\s*(\d+))?")
        scripts: list[Script] = []
        for script in self.scripts:
            found = list(alone.finditer(script.latex))
            if len(found) != script.nested.count(index):
                return None
            latex = alone.sub(lambda x: _shifted(index, by + int(f"{x[1] or '+'}{x[2] or 0}")), script.latex)
            scripts.append(Script(script.sign, latex))
        return self._replace(scripts=tuple(scripts))

    def is_later_than(self, other: Name) -> bool:
        r"""Return whether it is another name at a later step: `z^{(l+1)}` than `z^{(l)}`."""
        index, by = self.step
        before = other.step[1] if other.step[0] == index else 0
        return before < by and other.stepped(index, by - before) == self

    @property
    def without_last_script(self) -> Name:
        r"""The name that its last script is put to, \Omega of `\Omega_{i,j}`."""
        return self._replace(scripts=self.scripts[:-1])

    @property
    def set_and_element(self) -> tuple[Name, tuple[str, ...], str]:
        r"""The set, its indices, and the last one: R_i, i and j of the `R_{i,j}` that says that j is in R_i."""
        script = self.scripts[-1]
        *before, element = script.letters
        rest = (Script("_", _run_of(before)),) if before else ()
        return Name(self.letter, self.dress, (*self.scripts[:-1], *rest), self.primes), tuple(before), element

    def is_member(self, family: str) -> bool:
        """Whether it is a numbered member of `family`: `x_1` of `x`."""
        numbered = bool(self.scripts) and self.scripts[-1].sign == "_" and self.scripts[-1].latex.isdecimal()
        return numbered and not self.primes and str(Name(self.letter, self.dress, self.scripts[:-1])) == family


def _step_beside(step: str, by: int, index: str) -> str:
    """Return what one more or less than a step is called, if it can be a step at all."""
    if step.isdecimal():
        return str(int(step) + by)
    return index if step == f"{index}{-by:+}" else f"{step}{by:+}"


@lru_cache(maxsize=4096)
def _letters_of_script(script: Script) -> tuple[str, ...]:
    """Return the letters of a script, which is asked for them in every reading of a formula."""
    return tuple(x for part in script.parts for x in _letters(part))


@lru_cache(maxsize=4096)
def name_of(latex: str) -> Name:
    """Return the name; of what is no name of a letter, a name whose letter is the whole."""
    signs = [x for x in _SIGN.findall(latex) if not x.isspace()]
    dress, letter, end = _head(signs, 0)
    scripts: list[Script] = []
    primes = 0
    while letter and end < len(signs) and signs[end] in ("_", "^", "'"):
        if signs[end] == "'":
            primes, end = primes + 1, end + 1
        else:
            inside, behind = _argument(signs, end + 1)
            scripts.append(Script(signs[end], _joined(inside)))
            end = behind
    return Name(letter, dress, tuple(scripts), primes) if letter and end == len(signs) else Name(latex)


def _head(signs: Sequence[str], at: int) -> tuple[tuple[str, ...], str, int]:
    """Return the dress and the letter that stand at a place, "" if none does, and where they end."""
    sign = signs[at] if at < len(signs) else ""
    macro = sign[1:] if sign.startswith("\\") else ""
    if macro in FACES or macro in ACCENTS:
        inside, end = _argument(signs, at + 1)
        dress, letter, behind = _head(inside, 0)
        if behind < len(inside) and all(x.isalnum() or x in "-._*" for x in inside):
            dress, letter, behind = (), "".join(inside), len(inside)
        return (macro, *dress), letter if behind == len(inside) else "", end
    return (), sign if macro or sign.isalnum() else "", at + 1


def _argument(signs: Sequence[str], at: int) -> tuple[Sequence[str], int]:
    """Return the signs of the argument that stands at a place, without its braces, and where it ends."""
    end = _behind(signs, at)
    return (signs[at + 1 : end - 1] if at < len(signs) and signs[at] == "{" else signs[at:end]), end


def _behind(signs: Sequence[str], at: int) -> int:
    """Return where a group, or a sign with the group that a face or an accent takes, ends that begins at a place."""
    depth = 0
    for k in range(at, len(signs)):
        depth += (signs[k] == "{") - (signs[k] == "}")
        takes = signs[k][0] == "\\" and signs[k][1:] in FACES | ACCENTS
        if depth <= 0 and not takes:
            return k + 1
    return len(signs)


def _joined(signs: Sequence[str]) -> str:
    """Return the signs as LaTeX, a blank between a macro and a letter."""
    found: list[str] = []
    for sign in signs:
        found += [" "] if found and sign[0].isalpha() and found[-1][:1] == "\\" else []
        found.append(sign)
    return "".join(found)


def _outer(latex: str) -> Iterator[str]:
    """Yield the signs that stand in no braces."""
    depth = 0
    for sign in _SIGN.findall(latex):
        depth -= sign == "}"
        if depth == 0 and sign != "}":
            yield sign
        depth += sign == "{"


def _split(latex: str) -> list[str]:
    """Return what stands between the commas outside braces."""
    found, depth = [""], 0
    for sign in _SIGN.findall(latex):
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found


@lru_cache(maxsize=4096)
def _letters(part: str) -> tuple[str, ...]:
    """Return the letters of a part of a script, each with its own dress and scripts."""
    signs = [x for x in _SIGN.findall(part) if not x.isspace()]
    found: list[str] = []
    at = 0
    while at < len(signs):
        end = _behind(signs, at)
        while end < len(signs) and signs[end] in ("_", "^"):
            end = _behind(signs, end + 1)
        found.append(_joined(signs[at:end]))
        at = end
    return tuple(found)


def _shifted(index: str, by: int) -> str:
    return f"{index}{by:+d}" if by else index


def _script_without(script: Script, indices: Collection[str]) -> str:
    rest = [x for x in script.letters if x not in indices]
    if len(rest) == len(script.letters):
        return str(script)
    return f"{script.sign}{{{','.join(rest)}}}" if rest else ""


def member_of_set(latex: str, indices: Sequence[str]) -> Name:
    r"""Return the name of a set with further indices: `R_{i,j}` for R_i and j."""
    name = name_of(latex)
    last = name.scripts[-1:] if name.scripts and name.scripts[-1].sign == "_" else ()
    script = Script("_", ",".join([*(last[0].letters if last else ()), *indices]))
    return Name(name.letter, name.dress, (*name.scripts[: len(name.scripts) - len(last)], script), name.primes)


def _run_of(letters: Sequence[str]) -> str:
    """Return the letters of a script, with commas where one of them is longer than one sign."""
    return ("" if all(len(x) == 1 for x in letters) else ",").join(letters)


# --- names compared, and names elsewhere -------------------------------------------------------------------


def _without(latex: str, macros: Collection[str]) -> list[str]:
    return [x for x in _SIGN.findall(latex) if not (x[0] == "\\" and x[1:] in macros)]


@lru_cache(maxsize=4096)
def undressed(latex: str) -> str:
    r"""Return a name without faces, arrows and braces, `x_1` for `\mathbf{x}_{1}`: the same letter in any face."""
    return "".join(x for x in _without(latex, _UNLIKE) if x not in ("{", "}") and not x.isspace())


def at_step(latex: str, index: str, step: str) -> str:
    """Return a letter at another step: h_1 of h_{t-1} at 2."""
    name = name_of(latex)
    return str(name.at_step(index, step) or name)


def renamed(script: str, old: str, new: str) -> str:
    r"""Return what stands in a script with another letter for one of its own: k for i in `i,\pi` leaves `\pi`."""
    return "".join(new if sign == old else sign for sign in _SIGN.findall(script))


def capital_of(letter: str) -> str:
    r"""Return the capital of a small letter, `X` of x and `\Omega` of `\omega`; "" of what is no small letter."""
    plain = letter.lstrip("\\")
    if not plain.isalpha() or not plain.islower() or (len(plain) > 1) != letter.startswith("\\"):
        return ""
    return "\\" * letter.startswith("\\") + plain[0].upper() + plain[1:]


def resembling(latex: str) -> str:
    r"""Return the letters and digits of a name in lower case, which names have in common that are easily confused."""
    kept = "".join(_without(latex, (_UNLIKE - {"mathcal"}) | {"text", "bar", "hat", "tilde"}))
    return "".join(x for x in kept if x.isascii() and x.isalnum()).lower()


def identifier(latex: str) -> str:
    r"""Return the name as programming languages write it: `Sigma` of `\Sigma`, `W_1` of `W_{1}`, `x_prime` of `x'`."""
    plain = "".join("_prime" if x == "'" else x for x in _without(latex, _UNSPOKEN))
    return "_".join("".join(x if x.isascii() and x.isalnum() else " " for x in plain).split()) or "x"


@lru_cache(maxsize=4096)
def entry_indices(subscript: str) -> tuple[str, ...]:
    """Return the one or two indices of an entry: i and j of `ij`, `i,j`; none where the subscript is something else."""
    signs = [x for x in _SIGN.findall(subscript) if x not in ("{", "}", r"\,") and not x.isspace()]
    found = tuple("".join(signs).split(",")) if "," in signs else tuple(signs)
    if len(found) not in (1, 2) or any(x in _WHOLE_LINE or not _ENTRY.fullmatch(x) for x in found):
        return ()
    return found


def line_index(subscript: str) -> tuple[str, str]:
    r"""Return the index of a row, i of `i\cdot`, `i:` or `i,:`, and that of a column, j of `\cdot j`; "" for none."""
    signs = [x for x in _SIGN.findall(subscript) if x not in ("{", "}", ",", r"\,") and not x.isspace()]
    whole = [x in _WHOLE_LINE for x in signs]
    if len(signs) != 2 or whole[0] == whole[1] or not _ENTRY.fullmatch(signs[whole.index(False)]):
        return "", ""
    return ("", signs[1]) if whole[0] else (signs[0], "")


def leading_word(latex: str) -> str:
    r"""Return the word of several letters with which LaTeX begins, `swish` of `\operatorname{swish}(x)`; else ""."""
    found = _LEADING_WORD.match(latex)
    return found[1] if found else ""


def may_be_letter(latex: str) -> bool:
    """Return whether a formula may be one letter, as far as its signs outside braces tell without its being read."""
    if _BEGINS_NO_LETTER.match(latex):
        return False
    before = ""
    for sign in filter(str.strip, _outer(latex)):
        beside = sign.isalpha() and before.isalpha() and (before + sign).isascii()
        if (beside or sign in "+-=/(<|") and before not in _BEFORE_SIGNS:
            return False
        before = sign
    return True


def in_braces(script: str) -> str:
    r"""Return a script as it is written behind `_`: without braces where TeX needs none."""
    return script if _BARE_SCRIPT.fullmatch(script) else f"{{{script}}}"


def is_hermitian_sign(latex: str) -> bool:
    r"""Whether a superscript is that of a conjugate transpose: H, `\mathrm{H}`, `\mathsf{H}`."""
    name = name_of(latex)
    return name.letter == "H" and not name.scripts and _UPRIGHT.issuperset(name.dress)


def conjugated(latex: str) -> str:
    r"""Return the name of the conjugate of a letter, `x^\ast`."""
    return f"{latex}^\\ast"


def conjugate_of(latex: str) -> str:
    r"""Return the letter of whose conjugate this is the name, x of `x^\ast`; "" for other names."""
    return latex.removesuffix("^\\ast") if latex.endswith("^\\ast") else ""


def unbraced(formula: str) -> str:
    r"""Return a formula in which a dressed letter with an index has no braces: `\mathbf x_i` for `\mathbf{x}_i`."""
    return _BRACED_LETTER.sub(lambda m: f"\\{m[1]}{m[2] or f' {m[3]}'}", formula)


def functions_in(formula: str) -> list[str]:
    r"""Return the macros of a formula, and the words of its operators: `\log`, `tr` of `\operatorname{tr}`."""
    return [found[1] or found[0] for found in _FUNCTION.finditer(formula)]
