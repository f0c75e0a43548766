"""English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from . import Said, Text

BETWEEN_REASONS = ", "
MARKS = re.compile("[A-Za-z]")


def recognises(prose: str) -> bool:
    """Whether a page is in English: what is in no other language is."""
    return True


def listed(parts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _rules(names: Sequence[Said]) -> Iterator[str]:
    """Yield `product and transpose rules` for `product rule`, `transpose rule`; other names behind."""
    names = [*dict.fromkeys(names)]
    rules = [x for x in names if x.endswith(" rule")]
    for k, x in enumerate(rules, 1):
        ending = "" if k < len(rules) else " rules" if k > 1 else " rule"
        yield Said(x.removesuffix(" rule") + ending, x.about)
        yield "" if k == len(rules) else " and " if k == len(rules) - 1 else ", "
    others = [x for x in names if not x.endswith(" rule")]
    for k, x in enumerate(others):
        yield ", " if rules or k else ""
        yield x


def _means(equations: Sequence[str]) -> str:
    noun = "is the sample mean" if len(equations) == 1 else "are the sample means"
    return f"Here {listed(equations)} {noun}."


def _setting(multiplied: Sequence[str]) -> str:
    return " and ".join(("Setting the gradient to zero", *multiplied))


def _zero(multiplied: Sequence[str], name: str, equation: str) -> str:
    return f"{_setting(multiplied)} gives {f'{name} ' if name else ''}{equation}, so"


def _checked(lines: int, points: int, sizes: Sequence[str], solved: int, bound: str) -> str:
    what = f"{lines} line{'s' * (lines > 1)}{' and the stationary point' * solved}"
    where = f" ({', '.join(sizes)})" if sizes else ""
    return f"Checked numerically: {what} at {points} random points{where}; relative error below ${bound}$."


def _checked_exactly(lines: int, of: int, sizes: Sequence[str], small: Sequence[str], solved: int, bound: str) -> str:
    count = f"{lines} line{'s' * (lines > 1)}" if lines == of else f"{lines} of {of} lines"
    what = f"{count}{' and the stationary point' * solved}"
    where = f", at sizes {' and '.join(sizes)}" if sizes else ""
    where += f" ({', '.join(small)})" if small else ""
    return f"Verified exactly: {what}, modulo a prime{where}; a wrong line would pass with probability below ${bound}$."


_TOEP = r"$\operatorname{toep}(G)$ holds in each entry the sum of $G$ along its diagonal"

TEXTS: Mapping[str, Text] = {
    # what stands beside the rows
    "rules": _rules,
    "constant": "a constant",
    "matrix form": "in matrix form",
    "trace of a scalar": "trace of a scalar",
    "scalar transposed": "a scalar equals its transpose",
    "exchange": "exchange trace and sum",
    "under the sum": "collect under the sum",
    "cyclic": "cyclic property",
    "cyclic, moved": lambda cyclic, left, right: (cyclic, f", ${right}$ moves to the front"),
    "collect": "collect terms",
    "linear trace": "linearity of the trace",
    "rearrange": "rearrange",
    "definition of": "definition of ${name}$",
    "in terms of": "in terms of ${names}$",
    "scalar last": "the scalar factor moves to the right end",
    # the statement
    "statement lead": "Derivation.",
    "statement": "Let {equation}.",
    "statement with shapes": "Let {equation} with {shapes}.",
    "shape with properties": lambda shape, properties: f"{shape} {', '.join(properties)}",
    "gap": " ",
    "f is a vector": "Since ${name}$ is a vector, its derivative is a matrix.",
    "f is a matrix": r"Since ${name}$ is a matrix, its derivative is that of $\operatorname{vec}({name})$.",
    "means": _means,
    "acts": "Here {name} acts entry by entry.",
    "abbreviations": "Abbreviate {equations}.",
    "functions": lambda names: f"{listed(names)} {'acts' if len(names) == 1 else 'act'} entry by entry.",
    "defined function": "Entry by entry, {value} and {slope}.",
    "logistic": "Write {equation} for the logistic function.",
    # the rows
    "define": "Define {equations}.",
    "layers": "The function is nested deeply, so we name its layers from the inside out: {equations}.",
    "rewrite": "Rewrite ${name}$:",
    "rewrite, noting": "Rewrite ${name}$; note that {facts}:",
    "altogether": "Altogether,",
    "altogether, in turn": "Altogether, one after the other,",
    "differential": "Take the differential:",
    "differential, varying": lambda varying, constant: (
        f"Take the differential; only {listed(varying)} {'varies' if len(varying) == 1 else 'vary'}:"
    ),
    "differential of": "Now the differential of {equation}:",
    "composite rule": "Now {equation}; by the composite rule, its term becomes",
    "not as for numbers": "The rules for numbers do not carry over to matrices (that $AX$ has the derivative $A$ means "
    r"nothing), so we go through the differential and $\operatorname{vec}$.",
    # reading off
    "in layout": "{pattern} ({layout})",
    "numerator layout": "numerator layout",
    "denominator layout": "denominator layout",
    "comparing": "Comparing with {pattern}, we read off",
    "from the term": "From the term in {terms} we read off",
    "as in": "As in {pattern}, from the term in {terms} we read off",
    "with earlier terms": "Together with the terms in {terms} from before,",
    "and so": "and so",
    "in turn": "The terms give in turn",
    "chain rule": "By the chain rule,",
    "chain rule, why": "The chain rule follows from {equation}. The rule for numbers must not be copied: matrices do "
    "not commute, and the derivative of the {place} function stands in front.",
    "inner": "inner",
    "outer": "outer",
    "so": "So",
    # the second derivative
    "second lead": "Second derivative.",
    "second": "Differentiate the gradient once more:",
    "second, comparing": "Comparing with {pattern}, we read off",
    "by form": "It is {what} by its form.",
    "symmetric": "symmetric",
    "symmetric and": "symmetric and {bent}",
    "symmetric, since": "It is symmetric, since {rule}.",
    "symmetric, always": "It is symmetric, as every second derivative is.",
    "positive definite": "positive definite",
    "positive semidefinite": "positive semidefinite",
    "negative semidefinite": "negative semidefinite",
    "negative definite": "negative definite",
    "positive": "positive",
    "nowhere negative": "nowhere negative",
    "nowhere positive": "nowhere positive",
    "negative": "negative",
    # structures
    "structure lead": "Within the structure.",
    "structure": "Here ${variable}$ {reason}. The derivative by the entries that vary is",
    "diagonal": "is diagonal: only its diagonal entries vary",
    "is symmetric": "is symmetric: the entries $(i,j)$ and $(j,i)$ vary together, those on the diagonal alone",
    "lower triangular": "is lower triangular: only the entries of that triangle vary",
    "upper triangular": "is upper triangular: only the entries of that triangle vary",
    "Toeplitz": f"is a Toeplitz matrix: the entries along a diagonal vary together; {_TOEP}",
    "symmetric Toeplitz": "is a symmetric Toeplitz matrix: the entries along a diagonal and its mirror image vary "
    f"together; {_TOEP}",
    "skew-symmetric": "is skew-symmetric: the entry $(j,i)$ varies against the entry $(i,j)$",
    # the stationary point
    "stationary lead": "Stationary point.",
    "stationary lead in": "Stationary point in ${variable}$, the other variables fixed.",
    "no zero": "No closed form was found for a zero of the gradient with respect to ${variable}$.",
    "zero": _zero,
    "zero at once": lambda multiplied: f"{_setting(multiplied)} gives",
    "normal equations": "the normal equations",
    "multiplied": "multiplying by ${factor}$",
    "multiplied on both sides": "multiplying by ${factor}$ from both sides",
    "multiplied on the left": "multiplying by ${factor}$ from the left",
    "multiplied on the right": "multiplying by ${factor}$ from the right",
    "minimum": "The second derivative is {bent}, so this is a minimum.",
    "maximum": "The second derivative is {bent}, so this is a maximum.",
    "if of full rank": "provided that ${matrix}$ has full column rank.",
    "if invertible": "provided that ${matrix}$ is invertible.",
    # the check
    "checked": _checked,
    "checked exactly": _checked_exactly,
    "exactly": lambda lines, bound: (
        f"line{'s' * (not lines.isdigit())} {lines} evaluated over a prime field; probability of a mistake {bound}"
    ),
    "points": "{points} random points, seed {seed}",
    "sizes": "sizes {sizes}",
    "stand-in": "{small} in place of {size}",
    "compared with": "compared with {method}",
    "complex step": "complex-step derivatives",
    "differences": "extrapolated central differences",
    "error of lines": lambda lines, bound: f"relative error in line{'s' * (not lines.isdigit())} {lines}: {bound}",
    "facts": lambda facts: f"{'; '.join(facts)}.",
    # the site
    "show": "Derivation",
    "exercise": "Exercise",
    "fold": "Solution",
    "steps": "Solution, step by step",
    "next line": "next line",
    "find": "Find {names}.",
    "block lead": "{title}.",
    "numbered": "{called} {number}",
    "numbered with title": "{called} {number} ({title})",
    "index": "Derivations",
    "index: function": "Function",
    "index: by": "By",
    "index: where": "Where",
    "index: status": "Status",
    "index: checked": "checked",
    "index: hidden": "checked, hidden",
    # the pages of the rules
    "rules: title": "Rules",
    "rules: about": "The rules by which the derivations of this course go from one line to the next.",
    "rules: of operator": "rule of the {operator}",
    "rules: why": "**Why.** {why}",
    "rules: linear": "The operator is linear in each of its arguments. Let one argument vary at a time; the terms in "
    "which two or more vary are of second order and drop out.",
    "rules: others": "See the source. Every line of the example below is compared with numerical derivatives when this "
    "page is built.",
    "rules: used": "Used with it: {fact}.",
    "rules: example": "Example",
    "rules: source": "Source: {sources}.",
    "moves": "Moves within a trace",
    "moves within": "moves within a trace",
    "moves: about": "A scalar is its own trace, and within a trace factors may be moved. So everything is brought to "
    r"the left of $\mathrm{d}X$, and the gradient is read off.",
    "moves: move": "{name}:",
    "moves: transpose": "a matrix within a trace may be transposed",
    "moves: factor": "an entry-wise factor may change sides",
    "moves: why": r"Why: both sides of $\operatorname{tr}(AB)=\operatorname{tr}(BA)$ are $\sum_{i,j}A_{ij}B_{ji}$; "
    r"both sides of the last line are $\sum_{i,j}A_{ij}B_{ij}C_{ij}$.",
    "identities": "Identities by which $f$ is rewritten first",
}
