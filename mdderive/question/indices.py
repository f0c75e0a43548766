"""The indices that a name carries: i and k of `x_{i,k}`, `x_{ik}` and `x^{(i)}`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SCRIPT = re.compile(r"[_^](?:\{([^{}]*)\}|(\\[A-Za-z]+|.))")


def _scripts_of(latex: str) -> list[str]:
    """Return what stands in the subscripts and upper indices of a name: `i,k` of `x_{i,k}`, `(i)` of `x^{(i)}`."""
    return [braced or bare for braced, bare in _SCRIPT.findall(latex)]


def _index_letters(script: str) -> list[str]:
    """Return the single letters of an index: i and k of `i,k`, `(i)` or `ik`; none of a word such as `max`."""
    parts = [part.strip() for part in script.strip("()[]").split(",")]
    return [letter for part in parts for letter in ([part] if part.startswith("\\") or len(part) == 1 else part)]


def carries(latex: str, index: str) -> bool:
    """Whether the name `latex` carries the index (`x_i`, `x_{k,i}`, `x_{ik}`, `x^{(i)}`)."""
    return any(index in _index_letters(script) for script in _scripts_of(latex) if not re.search(r"[-+]", script))


def run_together(latex: str, index: str, opened: Sequence[str]) -> bool:
    """Whether the index stands in a run of letters that are not all indices: `r_{ik}` summed over i, `x_{in}`."""
    for script in _scripts_of(latex):
        for part in script.strip("()[]").split(","):
            if len(part.strip()) > 1 and part.strip().isalpha() and index in part:
                return any(letter not in opened for letter in part.strip())
    return False


def shifts(latex: str, index: str) -> bool:
    """Whether the name `latex` carries the index within a formula (`x_{i+1}`)."""
    scripts = [x for x in _scripts_of(latex) if re.search(r"[-+]", x)]
    return any(re.search(rf"(?<![A-Za-z\\]){re.escape(index)}(?![A-Za-z])", x) for x in scripts)


def in_order(latex: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the indices in the order in which the name has them."""
    letters = [letter for script in _scripts_of(latex) for letter in _index_letters(script)]
    return tuple(sorted(names, key=letters.index))


def family_of(latex: str, index: tuple[str, ...]) -> str:
    """Return the name without its indices: `x` of `x_i` and `x_{ik}`, `W_h` of `W_{h,i}`."""

    def kept(match: re.Match[str]) -> str:
        letters = _index_letters(match[1] or match[2])
        rest = [x for x in letters if x not in index]
        if len(rest) == len(letters):
            return match[0]
        return f"{match[0][0]}{{{','.join(rest)}}}" if rest else ""

    return _SCRIPT.sub(kept, latex)
