"""What the text beside a claim says: the properties that a condition asks for, and which indices are compared."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ..algebra.expressions import remembered
from ..latex.names import undressed

_SYMMETRY = re.compile(
    r"(?<!non)(?<!non-)(?<!not )(?<!skew-)(?<!skew )(?<!anti)(?<!un)symmetr|\bsym\b|(?<![非反不])对称"
    r"|positive[- ](?:semi-?)?definite"
    r"|\bPSD\b|\bSPD\b|\bPD\b|(?<!非)正定|covariance|协方差|\bGram\b|\bdiagonal\b|对角|graph Laplacian|拉普拉斯矩阵",
    re.I,
)
_NEGATED = re.compile(
    r"(?:(?:need|does|do|is|are|was|were|may|must|might|need\s+to)\s*(?:not|n't)|not\s+necessarily|whether|unless|if\s+not|never)"
    r"\s+(?:be\s+|necessarily\s+|assumed\s+to\s+be\s+|assume\s+)*[^.;\n]{0,30}?symmetric|(?:不必|不一定|未必|不要求|不需要)[^。；\n]{0,12}对称",
    re.I,
)
"""Words in which a matrix is not said to be symmetric."""
_OF_A_LETTER = re.compile(r"\$(?P<letter>[^$]*)\$\s+is\s+(?:a\s+|an\s+|real\s+)*(?:symmetric|positive)[^.;,$\n]*")
"""Words in which one letter is said to be symmetric."""
_CHANCES = re.compile(
    r"softmax|probabilit|one[- ]hot|distribution|sums? to (?:one|1|\$1\$)|cross[- ]entropy|概率|独热|分布|交叉熵", re.I
)
_SQUARE = re.compile(r"\bsquare\b|\b(?:invertible|non-?singular)\b|(?<!不)可逆|方阵", re.I)
_NORMAL = re.compile(r"covariance|gaussian|\bnormal\b|mahalanobis|协方差|高斯|正态", re.I)
_COVARIANCES = (r"\Sigma", r"\Lambda", r"\varSigma")


def is_denied(clauses: Sequence[str], near: str) -> bool:
    """Return whether a text says that a matrix need not be symmetric, as the clauses ask."""
    return any(x.endswith(": symmetric") for x in clauses) and bool(_NEGATED.search(near))


def is_said(clauses: Sequence[str], near: str, page: str, positive: Collection[str] = ()) -> bool:
    r"""Return whether a text speaks of what the clauses ask: `near` the claim, or on a `page` on normal distributions.

    There \Sigma and \Lambda are symmetric without a word, and so is what is `positive` as a matrix.
    """
    near = _NEGATED.sub(" ", near)

    def holds(clause: str) -> bool:
        name, _, property_ = clause.partition(": ")
        if property_ == "probability":
            return bool(_CHANCES.search(near))
        if property_ == "invertible":
            return bool(_SQUARE.search(near))
        of_others = _OF_A_LETTER.sub(lambda x: x[0] if name in x["letter"] else " ", near)
        if name in positive or _SYMMETRY.search(of_others):
            return True
        return bool(undressed(name) in _COVARIANCES and _NORMAL.search(page))

    return all(map(holds, clauses))


# --- indices ----------------------------------------------------------------------------------------------

_DIFFERENT = re.compile(r"off-?\s?diagonal|different|distinct|不同|非对角")
_EQUAL = re.compile(r"\b(?P<one>[a-z])\s*=\s*(?P<other>[a-z])\b|\bdiagonal\b|对角")
_COMPARED = re.compile(r"\b(?P<one>[a-z])\s*(?:\\ne|\\neq|\\not\s*=|≠)\s*(?P<other>[a-z])\b")
"""Two indices that are said to be different."""


class Nearby(NamedTuple):
    """What the text beside a claim says of indices: which it compares, whether it speaks of different or equal ones."""

    compared: frozenset[str] = frozenset()
    different: bool = False
    equal: bool = False


NOTHING_NEARBY = Nearby()


@remembered(maxsize=2048, beyond=True)
def nearby(text: str) -> Nearby:
    """Return what the text beside a claim says of indices."""
    compared = frozenset(y for x in _COMPARED.finditer(text) for y in x.groups())
    return Nearby(compared, bool(_DIFFERENT.search(text)), bool(_EQUAL.search(text)))
