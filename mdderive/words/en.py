"""English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from . import Said, Text

BETWEEN_REASONS = ", "
MARKS = re.compile("[A-Za-z]")
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]


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


def _eigenvectors(vectors: Sequence[str], equations: Sequence[str]) -> str:
    one = len(vectors) == 1
    noun, which = (
        ("is a unit eigenvector", "the eigenvalue is") if one else ("are unit eigenvectors", "both eigenvalues are")
    )
    return f"Here {listed(vectors)} {noun}, {listed(equations)}; {which} assumed to be simple."


def _setting(multiplied: Sequence[str]) -> str:
    return " and ".join(("Setting the gradient to zero", *multiplied))


def _ordinal(number: int) -> str:
    """Return `third`, and `12th`, `23rd` for what books write with digits."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 // 10 != 1 else 0, "th")
    return f"{number}{ending}"


def _zero(multiplied: Sequence[str], name: str, equation: str, stacked: str = "") -> str:
    written = f", or in vec form {stacked}" if stacked else ""
    return f"{_setting(multiplied)} gives {f'{name} ' if name else ''}{equation}{written}, so"


def _move(multiplied: Sequence[str], place: str) -> str:
    return f"After {listed(multiplied)}, {place} gives" if multiplied else f"{place[0].upper()}{place[1:]} gives"


def _move_inserted(multiplied: Sequence[str], place: str) -> str:
    return f"{' and '.join((f'Substituting this into {place}', *multiplied))} gives"


def _lagrangian(equation: str, several: int) -> str:
    noun = "constraints" if several > 1 else "constraint"
    return f"Setting the gradient of the Lagrangian {equation} to zero, together with the {noun}, gives"


def _provided(conditions: Sequence[str]) -> str:
    return f"provided that {listed(conditions)}."


def _verdicts() -> Iterator[tuple[str, str]]:
    """Yield the sentences on what a stationary point is, by their keys."""
    for word, convex in (("minimum", "convex"), ("maximum", "concave")):
        why = "The second derivative is {bent} everywhere, so ${name}$ is "
        yield f"strictly convex: {word}", f"{why}strictly {convex} and this is its unique {word}."
        for ending, linear, it in (
            ("subject to", "constraint is linear", "it"),
            ("subject to several", "constraints are linear", "them"),
        ):
            subject = f"the {linear}, so this is the {word} subject to {it}."
            yield f"strictly convex: {word} {ending}", f"{why}strictly {convex}; {subject}"
        every = f"and every stationary point is a global {word}"
        for key, start in (("convex", why), ("convex by composition", "By the rules of composition ${name}$ is ")):
            yield f"{key}: {word}", f"{start}{convex}, {every}."
            yield f"{key}: {word}, unique", f"{start}{convex}, {every}; this is the only one."
            yield f"{key}: {word}, unique then", f"{start}{convex}, {every}; under this condition there is only one."
            subject = f"the constraint is linear, so this is a global {word} subject to it."
            yield f"{key}: {word} subject to", f"{start}{convex}; {subject}"
            subject = f"the constraints are linear, so this is a global {word} subject to them."
            yield f"{key}: {word} subject to several", f"{start}{convex}; {subject}"
        yield f"definite there: {word}", f"At this point the second derivative is {{bent}}, so this is a local {word}."
        polar = "smallest" if word == "minimum" else "largest"
        yield (
            f"polar factor: {word}",
            f"As ${{variable}}^\\top {{variable}}=I$, ${{name}}$ is ${{linear}}$ plus a constant. With the singular "
            f"value decomposition ${{matrix}}=U\\Sigma V^\\top$ it is {polar} at $UV^\\top$, the polar factor; this "
            f"global {word} is",
        )
        yield (
            f"polar factor of a vector: {word}",
            f"On the unit sphere ${{name}}$ is ${{linear}}$ plus a constant. By the Cauchy-Schwarz inequality it is "
            f"{polar} in the direction of ${{matrix}}$; this global {word} is",
        )


def _stationary(solved: int) -> str:
    """Return that a stationary point, or several, were checked as well."""
    return f" and the stationary point{'s' * (solved > 1)}" if solved else ""


def _checked(lines: int, points: int, sizes: Sequence[str], solved: int, bound: str) -> str:
    what = f"{lines} line{'s' * (lines > 1)}{_stationary(solved)}"
    what = what if lines else _stationary(solved)[5:]
    where = f" ({', '.join(sizes)})" if sizes else ""
    return f"Checked numerically: {what} at {points} random points{where}; relative error below ${bound}$."


def _checked_exactly(lines: int, of: int, sizes: Sequence[str], small: Sequence[str], solved: int, bound: str) -> str:
    count = f"{lines} line{'s' * (lines > 1)}" if lines == of else f"{lines} of {of} lines"
    what = f"{count}{_stationary(solved)}"
    where = f", at sizes {' and '.join(sizes)}" if sizes else ""
    where += f" ({', '.join(small)})" if small else ""
    return f"Verified exactly: {what}, modulo a prime{where}; a wrong line would pass with probability below ${bound}$."


_TOEP = r"$\operatorname{toep}(G)$ holds in each entry the sum of $G$ along its diagonal"


def _at(places: Sequence[str], order: int, bent: str = "") -> str:
    """Return which derivative decides at the places."""
    if order == 2:
        return f"At {listed(places)} the second derivative is {bent}"
    words = f", and it is {bent}" if bent else ""
    return f"At {listed(places)} the first derivative that does not vanish is that of order {order}{words}"


def _places(word: str, several: str) -> Callable[..., str]:
    """Return what puts into words that the places are local extrema."""
    ending = {False: f"this is a local {word}", True: f"these are local {several}"}
    return lambda places, bent, order: f"{_at(places, order, bent)}, so {ending[len(places) > 1]}."


TEXTS: Mapping[str, Text] = {
    # what stands beside the rows
    "rules": _rules,
    "rules, where": lambda names, conditions: (*_rules(names), f" ({listed(conditions)})"),
    "constant": "a constant",
    "matrix form": "in matrix form",
    "logarithm of a product": "logarithm of a product",
    "trace of a scalar": "trace of a scalar",
    "scalar transposed": "a scalar equals its transpose",
    "exchange": "interchange trace and sum",
    "under the sum": "collect terms under the sum",
    "cyclic": "cyclic property",
    "cyclic, moved": lambda cyclic, right: (cyclic, f": ${right}$ moves to the front"),
    "collect": "collect terms",
    "linear trace": "linearity of the trace",
    "rearrange": "rearrange",
    "as a power": "equal factors as a power",
    "distributed": "multiply out",
    "multiplied out": "multiply out and cancel",
    "simplified": "simplify",
    "deviations": "deviations from the mean sum to zero",
    "same family": "rename the indices of the sums",
    "definition of": "definition of ${name}$",
    "in terms of": lambda names, equations: f"in terms of ${names}$",
    "scalar last": "the scalar factor moves to the right end",
    "noted": "by the equation above",
    # the statement
    "statement lead": "Derivation.",
    "statement": "Let {equation}.",
    "statement with shapes": "Let {equation} with {shapes}.",
    "shape with properties": lambda shape, properties: f"{shape} {listed(properties)}",
    "gap": " ",
    "constraints": lambda equations: (
        f"{'The constraint is' if len(equations) == 1 else 'The constraints are'} {listed(equations)}."
    ),
    "f is a vector": "Since ${name}$ is a vector, its derivative is a matrix.",
    "f is a matrix": r"Since ${name}$ is a matrix, its derivative is that of $\operatorname{vec}({name})$.",
    "means": _means,
    "conjugates": "A star denotes the complex conjugate, and {turned} is the transpose of {conjugate}; the derivative "
    "with respect to {conjugate} holds {letter} fixed (Wirtinger derivative), and for a real $f$ the gradient with "
    "respect to the real and imaginary parts is twice it.",
    "holomorphic": lambda letters, conjugate: (
        f"The star of {conjugate} denotes the complex conjugate; $f$ is holomorphic in "
        f"{listed(letters)}, and what is derived is its complex derivative."
    ),
    "expectation": "The expectation is over {letters}; no other letter is random.",
    "integral": "What varies under the integral is {letters}; all other letters are constant there.",
    "acts": "Here {name} acts entry by entry.",
    "abbreviations": "Write {equations}.",
    "functions": lambda names: (
        f"The function{'s' * (len(names) > 1)} {listed(names)} {'acts' if len(names) == 1 else 'act'} entry by entry."
    ),
    "defined function": "Entry by entry, {value} and {slope}.",
    "eigenvectors": _eigenvectors,
    "singular vectors": "Here {u} and {v} are unit singular vectors, {first} and {second}; "
    "the singular value is assumed to be simple and nonzero.",
    "vector function": "The function {function} is differentiable, with the Jacobian matrix {slope}.",
    "number function": "The function {function} is differentiable, with the gradient {slope}.",
    "matrix function": "The function {function} is differentiable, with the partial derivatives {slope}.",
    "curve": "The function {function} is differentiable, with the derivative {slope}.",
    "letter of its own": "We differentiate with respect to {letters} as a variable in its own right.",
    "digamma": "Write {equation} for the digamma function.",
    "logistic": "Write {equation} for the logistic function.",
    # the rows
    "define": "Define {equations}.",
    "factors": "The product is long, so we name what its first factors make together: {equations}.",
    "layers": "The function is nested deeply, so we name its layers from the inside out: {equations}.",
    "rewrite": "Rewrite ${name}$:",
    "rewrite, noting": "Rewrite ${name}$; note that {facts}:",
    "define every step": "Define {equations} for {steps}.",
    "altogether": "Altogether,",
    "altogether, backwards": (
        "As {state} acts on ${name}$ both directly and by way of {following}, from the last step back to the first,"
    ),
    "altogether, only backwards": (
        "As {state} acts on ${name}$ by way of {following}, from the last step back to the first,"
    ),
    "altogether, in turn": "Altogether, one after the other,",
    "differential": "Take the differential:",
    "noting": "Note that {facts}.",
    "differential, varying": lambda varying, constant: (
        f"Take the differential; only {listed(varying)} {'varies' if len(varying) == 1 else 'vary'}:"
    ),
    "differential of": "Now take the differential of {equation}:",
    "composite rule": "Now {equation}; by the composite rule, the term in {moved} becomes",
    "substituting": "Substitute {equation} into the term in {moved} (chain rule):",
    "not as for numbers": "The rules for numbers do not carry over to matrices (that $AX$ has the derivative $A$ means "
    r"nothing), so we go through the differential and $\operatorname{vec}$.",
    "constants stay": "Do not write {equation}: constant matrices may be taken out of a differential, but not out of "
    "a derivative.",
    # reading off
    "in layout": "{pattern} ({layout})",
    "numerator layout": "numerator layout",
    "denominator layout": "denominator layout",
    "comparing": "Comparing with {pattern}, we read off",
    "comparing, symmetric": lambda pattern, letters: (
        f"Comparing with {pattern} and noting that {listed(letters)} {'is' if len(letters) == 1 else 'are'} symmetric, "
        "so that the transpose changes nothing, we read off"
    ),
    "comparing, symmetric by form": "Comparing with {pattern} and noting that the matrix is its own transpose, we read "
    "off",
    "from the term": "From the term in {terms} we read off",
    "as in": "As in {pattern}, from the term in {terms} we read off",
    "with earlier terms": "Together with the terms in {terms} from before,",
    "and so": "and so",
    "in turn": lambda count: "Reading off each term,",
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
    "by form": "It is {what}, as is clear from its form.",
    "symmetric": "symmetric",
    "symmetric and": "symmetric and {bent}",
    "symmetric, since": "It is symmetric, since {rule}.",
    "symmetric, always": "It is symmetric, as every second derivative is.",
    "positive definite": "positive definite",
    "positive semidefinite": "positive semidefinite",
    "negative semidefinite": "negative semidefinite",
    "negative definite": "negative definite",
    "positive": "positive",
    "nowhere negative": "non-negative",
    "nowhere positive": "non-positive",
    "negative": "negative",
    # structures
    "structure lead": "Within the structure.",
    "structure": "Here ${variable}$ {reason}. The derivative with respect to the independent entries is",
    "diagonal": "is diagonal: only its diagonal entries vary",
    "is symmetric": "is symmetric: the entries $(i,j)$ and $(j,i)$ vary together, those on the diagonal alone",
    "lower triangular": "is lower triangular: only the entries of that triangle vary",
    "upper triangular": "is upper triangular: only the entries of that triangle vary",
    "Toeplitz": f"is a Toeplitz matrix: the entries along a diagonal vary together; {_TOEP}",
    "symmetric Toeplitz": "is a symmetric Toeplitz matrix: the entries along a diagonal and its mirror image vary "
    f"together; {_TOEP}",
    "skew-symmetric": "is skew-symmetric: the entry $(j,i)$ varies against the entry $(i,j)$",
    # the stationary point
    "stationary lead: point": "Stationary point.",
    "stationary lead: point in": "Stationary point in ${variable}$, the other variables fixed.",
    "stationary lead: points": "Stationary points.",
    "stationary lead: points in": "Stationary points in ${variable}$, the other variables fixed.",
    "no zero": "No closed form was found for a zero of the gradient with respect to ${variable}$.",
    "no zero subject to": "No closed form was found for a stationary point in ${variable}$ subject to the constraints.",
    "others fixed": "All this is for fixed values of the other variables.",
    "zero": _zero,
    "zero at once": lambda multiplied: f"{_setting(multiplied)} gives",
    "normal equations": "the normal equations",
    "quadratic equation": "the quadratic equation",
    "multiplied": "multiplying by ${factor}$",
    "divided": "dividing by ${factor}$",
    "exponentials taken": "taking exponentials",
    "multiplied on both sides": "multiplying by ${factor}$ on both sides",
    "multiplied on the left": "multiplying by ${factor}$ on the left",
    "multiplied on the right": "multiplying by ${factor}$ on the right",
    "multiplied entry by entry": "multiplying by ${factor}$ entry by entry",
    "part that vanishes": "Here ${variable}$ {reason}, so only the derivative with respect to these entries has to "
    "vanish.",
    "provided that": _provided,
    "condition: invertible": "${of}$ is invertible",
    "condition: full column rank": "${of}$ has full column rank",
    "condition: full row rank": "${of}$ has full row rank",
    "condition: positive definite": "${of}$ is positive definite",
    "condition: positive": "${of}$ is positive",
    "condition: probability": "${of}$ is a probability vector: no entry is negative",
    "condition: not zero": "${of}$ is not zero",
    "condition: no zero entry": "no entry of ${of}$ is zero",
    "condition: no zero column": "no column of ${of}$ is zero",
    **dict(_verdicts()),
    "saddle": "The second derivative is positive definite in ${up}$ and negative definite in ${down}$, so this is a "
    "saddle point of ${name}$.",
    # several stationary points, or none
    "there provided that": lambda places, conditions: f"For {listed(places)} this requires that {listed(conditions)}.",
    "places: minimum": _places("minimum", "minima"),
    "places: maximum": _places("maximum", "maxima"),
    # kinks
    "least at a kink": "${name}$ is convex. {where} it has no derivative but subgradients, in which {may}. It is least "
    "where one of them is zero; its unique minimum is",
    "kink: number": "Where ${kink}=0$",
    "kink: entries": "Where an entry of ${kink}$ is zero",
    "subgradient: sign": "${slope}$ may be any number from $-1$ to $1$",
    "subgradient: step": "${slope}$ may be any number from $0$ to $1$",
    "subgradient: norm, of a vector": "any vector of norm at most $1$ may stand for ${slope}$",
    "subgradient: norm, of a matrix": "any matrix of norm at most $1$ may stand for ${slope}$",
    "numbers: members": "${of}$",
    "numbers: entries": "entries of ${of}$",
    "least at medians": "${name}$ is convex, and least where one of its subgradients is zero: where at most half of "
    "the {numbers} are less than ${variable}$ and at most half are greater. So its minima are the medians of the "
    "{numbers}.",
    "least at quantiles": "${name}$ is convex, and least where one of its subgradients is zero: where the share of the "
    "{numbers} that are less than ${variable}$ is at most ${level}$, and the share of those that are greater is at "
    "most ${rest}$. So its minima are the quantiles of level ${level}$ of the {numbers}.",
    "stationary along": "Setting the gradient to zero gives ${equation}$, so ${variable}$ is a multiple of "
    "${multiple}$. ${name}$ is the same for all positive multiples of ${variable}$; by the Cauchy-Schwarz inequality "
    "it is greatest at the positive multiples of ${multiple}$ and least at the negative ones.",
    "requires": lambda conditions: f"This requires that {listed(conditions)}.",
    "places: saddle": lambda places: (
        f"At {listed(places)} the second derivative is indefinite, so "
        f"{'these are saddle points' if len(places) > 1 else 'this is a saddle point'}."
    ),
    "extremes on a compact set": lambda name, greatest, least: (
        f"The constraint describes a closed and bounded set, so ${name}$ has a maximum and a minimum on it, both at "
        f"stationary points: the maximum is at {listed(greatest)}, the minimum at {listed(least)}."
    ),
    "inflection": lambda places, order: (
        f"{_at(places, order)}, so {'these are points' if len(places) > 1 else 'this is a point'} of inflection."
    ),
    "no real solution": "The gradient vanishes where ${equation}$, which has no real solution, so ${name}$ has no "
    "stationary point.",
    "no positive solution": "The gradient vanishes where ${equation}$, which has no positive solution, so ${name}$ has "
    "no stationary point.",
    "no solution in the domain": "The gradient vanishes only where ${equation}$, and ${name}$ has no derivative at any "
    "solution of this, so it has no stationary point.",
    "derivative has one sign": "The derivative is {sign} everywhere, so ${name}$ has no stationary point.",
    "gradient constant": "The gradient does not depend on ${variable}$, so ${name}$ has no stationary point unless "
    "${value} = {zero}$.",
    # several equations
    "zeros": "Setting all gradients to zero gives",
    "lagrangian": _lagrangian,
    "equation: numbered": lambda number: f"the {_ordinal(number)} equation",
    "equation: only": "the equation",
    "move: by equation": lambda multiplied, place, equation: f"{_move(multiplied, place)} {equation}, so",
    "move: by equation at once": _move,
    "move: inserted": lambda multiplied, place, equation: f"{_move_inserted(multiplied, place)} {equation}, so",
    "move: inserted at once": _move_inserted,
    "block form": "or as one system, with a block matrix,",
    "pair inserted": "Substituting this into the other equations gives",
    "pair ordered": "Collecting the unknowns, we get",
    "pair": "By Cramer's rule,",
    "inserted back": "Substituting back,",
    "several inserted back": "Substituting each of these into the other equations, we get",
    "left in one number": "Substituting this into {place} leaves an equation in ${unknown}$ alone, for which no closed "
    "form was found:",
    "several solutions": "The solutions of these equations are",
    # eigenvectors
    "eigen: equation": "the eigenvalue equation",
    "eigen: generalised": "the generalised eigenvalue equation",
    "eigen: at once": "Setting the gradient to zero gives {kind}",
    "eigen: first": "The first equation is {kind}",
    "eigen: inserted": "Substituting this into the next equation gives {kind}",
    "eigen: with": "Here {equation}.",
    "eigen: extremes": "At an eigenvector ${name}$ is its eigenvalue ${value}$: the maximum of ${name}$ is the largest "
    "eigenvalue, its minimum the smallest.",
    "eigen: columns": r"There ${name}=\operatorname{tr}({values})$, which is largest where the columns span the "
    "eigenvectors of the largest eigenvalues, smallest where they span those of the smallest.",
    "eigen: direction": "The left side is a multiple of ${column}$, so an eigenvector whose eigenvalue is not zero "
    "is a multiple of ${multiple}$.",
    # the check
    "checked": _checked,
    "checked, written out": lambda steps: f"The recursion was written out for {' and '.join(steps)}.",
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
    "result": "the result",
    "next line": "next line",
    "find": "Find {names}.",
    "why of": "Why? {rule}",
    "whys": "Why the rules hold",
    "show sizes": "Sizes",
    "sizes fit": "The sizes fit: {sizes}.",
    "graph": "Graph of the computation",
    "part of": "The next part is that of {link}.",
    "graph told": "Graph of the computation: {edges}; the derivatives go back along the same edges.",
    "example": "One point in numbers",
    "example point": "Take, for example,",
    "example formula": "by the formula",
    "example quotient": "difference quotient, {step}",
    "example quotients": "difference quotients, each entry moved by {step}",
    "example errors": "The relative error of the difference quotients against the step $h$, with every value of {f} "
    "rounded to single precision (24 bits). {shape}",
    "example valley": "From right to left, the truncation error falls with $h$ until rounding, which grows like $1/h$, "
    "takes over: here the error is least near {step}.",
    "example linear": "Here {f} is linear in each entry, so nothing is truncated: rounding alone is left, which grows "
    "like $1/h$.",
    "example plot": "Plot of the error over the step h, both axes logarithmic: {first} at the largest step, {least} "
    "at {step}, {last} at the smallest.",
    "step": "step",
    "rounding": "rounding",
    "truncation": "truncation",
    "link to": "Link to {name}",
    "previous exercise": "Previous: {name}",
    "next exercise": "Next: {name}",
    "block lead": "{title}.",
    "numbered": "{called} {number}",
    "numbered with title": "{called} {number} ({title})",
    "index": "Derivations",
    "index: function": "Function",
    "index: by": "With respect to",
    "index: where": "Where",
    "index: status": "Status",
    "index: checked": "checked",
    "index: hidden": "checked, hidden",
    # the playground
    "play: title": "mdderive: playground",
    "play: heading": "A gradient, step by step",
    "play: about": "Type a function in LaTeX and say by what to differentiate; every line of the answer is checked.",
    "play: f": "Function",
    "play: variable": "by",
    "play: clauses": "What is known (clauses)",
    "play: clauses help": "for example X: m x n; A: symmetric; solve",
    "play: language": "Language",
    "play: detail": "Detail",
    "play: full": "every line",
    "play: brief": "in brief",
    "play: result": "the result",
    "play: examples": "Examples",
    "play: choose": "Choose an example …",
    "play: article": "Five by the method",
    "play: asked": "Often asked",
    "play: read as": "Read as:",
    "play: solution": "Solution",
    "play: source": "Take it along",
    "play: copy": "Copy",
    "play: copy address": "Copy the address",
    "play: copied": "Copied",
    "play: not copied": "Not copied",
    "play: loading": "Loading Python, about {size} MB, once …",
    "play: starting": "Starting the engine …",
    "play: working": "Deriving …",
    "play: ready": "Ready.",
    "play: offline": "Ready; also without a network.",
    "play: failed": "The engine could not be started: {reason}",
    "play: crashed": "This is a bug in mdderive: {reason}",
    "play: empty": "Type a function and a variable, or choose an example.",
    "play: where": "Where:",
    "play: more": "about {code}",
    "play: stop": "Stop",
    "play: stopped": "Stopped.",
    "play: scroll": "Formula",
    "play: floating": "the lines of this derivation can only be checked in floating point, "
    "which needs numpy; it is not part of this page",
    "play: install": "on your own machine: pip install mdderive, then mdderive play",
    "play: no point": "The stationary point is not shown here: whether it is one is checked "
    "in floating point, which needs numpy, and this page has none. On your own machine "
    "mdderive play shows it.",
    "play: your answer": "Your answer",
    "play: check": "Check",
    "play: try": "Try it: change the function and derive again",
    "play: derive": "Derive",
    # exercises that answer back
    "judged: right": "Right.",
    "judged: layout": "Right in the other layout: it is the transpose of what is asked for here.",
    "judged: symmetric": "Right only if {letter} is symmetric, which is not given.",
    "judged: wrong": "Not right.",
    "judged: wrong shape": "Not right: its shape is not that of the derivative.",
    "judged: wrong entry": "Not right: at {sizes}, the first entry that differs is in row {row}, column {column}.",
    "judged: wrong row": "Not right: at {sizes}, the first entry that differs is number {row}.",
    "judged: unread": "This is not understood.",
    "judged: unread shapes": "The shapes in it do not fit.",
    "judged: undecided": "The check on this page cannot decide whether this is right; compare it with the solution.",
    "judged: empty": "Type a formula first.",
    # the pages of the rules
    "rules: title": "Rules",
    "rules: about": "The rules by which the derivations of this course go from one line to the next.",
    "rules: of operator": "rule of the {operator}",
    "rules: one of several": "{operator}",
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
