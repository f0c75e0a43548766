"""What one marker may cost: an answer or a refusal, in seconds and a few hundred megabytes, whatever stands in it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType

import numpy
import pytest
from places import ROOT

import mdderive
from mdderive import api
from mdderive.algebra.matrix_powers import exponential
from mdderive.api import solve
from mdderive.checking import subject as checks
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request
from mdderive.effort import EFFORT, bounded
from mdderive.site import engine
from mdderive.site.engine import web_solution

MEGABYTES, SECONDS = 300, 20  # twice what is promised, for slow machines


def chain(sign: str, letter: str, count: int) -> str:
    return sign.join(f"{letter}_{{{k}}}" for k in range(1, count + 1))


def nested(before: str, inner: str, after: str, count: int) -> str:
    return before * count + inner + after * count


def layers(count: int, layer: str = r"h_{{{k}}} = \sigma(W_{{{k}}}h_{{{last}}})") -> list[str]:
    return [layer.format(k=k, last=k - 1) for k in range(1, count + 1)]


RESIDUAL = r"h_{{{k}}} = h_{{{last}}}+\sigma(W_{{{k}}}h_{{{last}}})"

# name: function, variable, clauses
INPUTS: dict[str, tuple[str, str, list[str]]] = {
    "a size of 784": (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot", "W: 10 x 784"]),
    "a size of 100000": (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot", "W: 10 x 100000"]),
    "two layers of MNIST": (r"\|V\sigma(Wx)-y\|^2", "W", ["W: 128 x 784", "V: 10 x 128"]),
    "a large square": ("a^TXb", "X", ["X: 100000 x 100000"]),
    "a size of 21 digits": (r"\|x\|^2", "x", ["x: 999999999999999999999 x 1"]),
    "numbers with points between them": (r"x^2\cdot " + r"\cdot ".join(f"a_{{{k}}}" for k in range(60)), "x", []),
    "the identity, point by point": (r"\omega\cdot I(" * 20 + r"\omega" + ")" * 20, r"\omega", []),
    "a tall matrix": (r"\log\det(X^TX)", "X", ["X: 5000 x 300"]),
    "a second derivative by a large matrix": (r"\operatorname{tr}(X^TAXB)", "X", ["X: 60 x 70", "hessian"]),
    "a large Jacobian": ("AXB", "X", ["X: 60 x 70", "jacobian"]),
    "the trace of a large unit matrix": (r"\operatorname{tr}(cI+X)", "c", ["X: 784 x 784"]),
    "the trace of a huge unit matrix": (r"\operatorname{tr}(cI+X)", "c", ["X: 100000 x 100000"]),
    "the inverse of a large matrix": (r"\operatorname{tr}(cXX^{-1})", "c", ["X: 784 x 784"]),
    "a false claim on a huge matrix": ("a^TXb", "X", ["X: 100000 x 100000", "= ba^T"]),
    "a sum of a billion": (r"\sum_{i=1}^{1000000000}(w^Tx_i-y_i)^2", "w", []),
    "a sum of a billion indices": (r"\sum_{i=1}^{1000000000} i c", "c", []),
    "eight nested sums": (r"\sum_a\sum_i\sum_j\sum_k\sum_l\sum_p\sum_q\sum_r (w^Tx_i)(w^Tx_j)", "w", []),
    "eight sums that end at letters": (
        "".join(rf"\sum_{{{c}=1}}^{{N_{{{c}}}}}" for c in "ijklpqrs") + r"(w^Tx_i+w^Tx_j+w^Tx_k+w^Tx_s)^2", "w", [],
    ),
    "twelve sums whose values all differ": (
        "".join(rf"\sum_{{{c}=1}}^{{N}}" for c in "ijklmpqrstuv")
        + "(" + "+".join(f"w^Tx_{c}" for c in "ijklmpqrstuv") + ")^2", "w", [],
    ),
    "variances 60 deep": (nested(r"\operatorname{Var}(", "w^Tx", ")", 60), "w", []),
    "a web of definitions": (
        "s_{30}", "x",
        ["s_{0} = a^Tx", *(f"s_{{{k}}} = " + "+".join(f"s_{{{i}}}^2" for i in range(k)) for k in range(1, 31))],
    ),
    "a hundred constraints": (r"\|x\|^2", "x", ["solve", *(f"subject to: a_{{{k}}}^Tx = {k}" for k in range(100))]),
    "a power of a million": (r"\operatorname{tr} X^{1000000}", "X", []),
    "a power of ten thousand": (r"\operatorname{tr} X^{1000}", "X", []),
    "a power just beyond a thousand": (r"\operatorname{tr}(X^{9999}A)", "X", []),
    "an inverse power of a thousand": (r"\operatorname{tr} X^{-999}", "X", []),
    "vec and Kronecker products": (
        r"\|\operatorname{vec}(AXB)\otimes\operatorname{vec}(CXD)\otimes\operatorname{vec}(X)\|^2", "X", [],
    ),
    "sums of products of norms": ("+".join(rf"\|A_{{{k}}}x\|\|B_{{{k}}}x\|" for k in range(40)), "x", []),
    "64 layers without names": (
        "a^T" + "".join(rf"\sigma(W_{{{k}}}" for k in range(64, 0, -1)) + "x" + ")" * 64, "x", [],
    ),
    "an inverse power of a million": (r"\operatorname{tr} X^{-1000000}", "X", []),
    "a power of a million between vectors": (r"a^TX^{10^6}b", "X", ["hessian"]),
    "a tower": (r"x^{9^{9^{9}}}", "x", ["x: scalar"]),
    "a higher tower": (r"9^{9^{9^{9}}}x", "x", ["x: scalar"]),
    "a tower below": (r"\frac{1}{9^{9^{9}}}a^Tx", "x", []),
    "a power of a power": (r"\left(9^{9^{9}}\right)^{2}x^2", "x", ["x: scalar"]),
    "an entry-wise tower": (r"a^Tx^{\odot 9^{9^9}}", "x", []),
    "a scalar power of a million": (r"x^{1000000}", "x", ["x: scalar"]),
    "softmax 15 deep": ("a^T" + nested(r"\operatorname{softmax}(W", "x", ")", 15), "x", ["W: n x n"]),
    "exp 20 deep": ("a^T" + nested(r"\exp(", "x", ")", 20), "x", []),
    "sigma 39 deep": ("a^T" + nested(r"\sigma(W", "x", ")", 39), "W", ["W: n x n"]),
    "roots 24 deep": (nested(r"\sqrt{1+", "x^Tx", "}", 24), "x", []),
    "roots 40 deep": (nested(r"\sqrt{1+", "x^Tx", "}", 40), "x", []),
    "roots of products 60 deep": (nested(r"\sqrt{x^Tx\cdot ", "x^Tx", "}", 60), "x", []),
    "pairs of a thousand samples": (r"\sum_{i=1}^{1000}\sum_{j=1}^{1000}\|x_i-x_j\|^2", "x_k", []),
    "fractions 39 deep": (nested(r"\frac{1}{1+", "a^Tx", "}", 39), "x", []),
    "fractions thousands deep": (nested(r"\frac{1}{1+", "a^Tx", "}", 5000), "x", []),
    "parentheses thousands deep": (nested("(", "a^Tx", ")", 5000), "x", []),
    "left and right thousands deep": (nested(r"\left(", "a^Tx", r"\right)", 2000), "x", []),
    "braces thousands deep": (nested("{", "a^Tx", "}", 5000), "x", []),
    "superscripts thousands deep": (nested("x^{", "x", "}", 5000), "x", ["x: scalar"]),
    "transposes 35 deep": ("a^T" + nested("(", "x", ")^T", 35) + "a", "x", []),
    "signs by the thousand": ("-" * 5000 + "a^Tx", "x", []),
    "primes by the thousand": ("x" + "'" * 5000 + "x", "x", []),
    "six Kronecker factors": (r"\operatorname{tr}(A\otimes B\otimes C\otimes E\otimes F\otimes G)", "A", []),
    "twelve Kronecker factors": (r"\operatorname{tr}(" + chain(r" \otimes ", "A", 12) + ")", "A_{1}", []),
    "entry-wise factors by the thousand": ("a^T(" + chain(r" \odot ", "x", 3000) + ")", "x_{1}", []),
    "factors by the thousand": ("a^Tx " * 3000, "x", []),
    "terms by the thousand": ("+".join(f"a_{{{k}}}^Tx" for k in range(3000)), "x", []),
    "a product of many matrices": (rf"\operatorname{{tr}}({'AX' * 150})", "X", []),
    "a product of many matrices and transposes": (rf"\operatorname{{tr}}({'AXBX^T' * 60})", "X", []),
    "a product of many scalars": ("".join(f"(a_{{{k}}}^Tx)" for k in range(300)), "x", []),
    "definitions by the thousand": ("a^Tx", "x", layers(3000)),
    "declarations by the thousand": ("a^Tx", "x", [f"c_{{{k}}}: scalar" for k in range(3000)]),
    "a thousand layers": (r"\|h_{1000}\|^2", "h_{0}", layers(1000)),
    "residual layers": (r"\|h_{64}\|^2", "W_{1}", layers(64, RESIDUAL)),
    "norms of order 100": ("+".join(rf"\|x-b_{{{k}}}\|_{{100}}" for k in range(1, 21)), "x", []),
    "matrix exponentials 12 deep": (
        r"\operatorname{tr}(" + nested("e^{A", "X", "}", 12) + ")", "X", ["X: n x n", "A: n x n"],
    ),
    "a hundred unknowns in each equation": (
        r"\|" + "+".join(rf"A_{{{k}}}x_{{{k}}}" for k in range(100)) + r"-y\|^2",
        ", ".join(f"x_{{{k}}}" for k in range(100)), ["solve"],
    ),
    "many constants": (r"\|Xw-y\|^2+" + chain("+", "c", 40), "w", []),
}  # fmt: skip

CHILD = r"""
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]) << 20,) * 2)
import mdderive
for name, (f, variable, where) in json.load(sys.stdin).items():
    began = time.process_time()
    try:
        found = mdderive.derive(f, variable, where)
        (found if isinstance(found, tuple) else (found,))[0].to_markdown()
        said = "derived"
    except mdderive.DeriveError as error:
        said = error.code
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"[:200]
    print(json.dumps([name, said, time.process_time() - began]), flush=True)
with open("/proc/self/status") as status:  # the most that getrusage knows of is that of who started this process
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(json.dumps(["", "", int(peak) / 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_whatever_is_asked_for_takes_seconds_and_little_memory() -> None:
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    command = [sys.executable, "-c", CHILD, str(MEGABYTES)]
    environment = {**os.environ, **one_thread, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, input=json.dumps(INPUTS), capture_output=True, text=True, env=environment, check=False
    )
    *told, (_, _, megabytes) = map(json.loads, run.stdout.splitlines())
    assert [name for name, _, _ in told] == list(INPUTS), run.stderr
    assert not {
        name: said for name, said, _ in told if said != "derived" and not (said[0] == "E" and said[1:].isdigit())
    }
    assert not {name: said for name, said, _ in told if said in ("E401", "E599")}
    assert not {name: seconds for name, _, seconds in told if seconds > SECONDS}
    assert megabytes < MEGABYTES


def steps(f: str, variable: str, where: list[str]) -> int:
    """Return how many steps a derivation takes now."""
    mdderive.clear_caches()
    mdderive.derive(f, variable, where)
    return EFFORT.spent


ASKED: list[tuple[str, str, list[str]]] = [
    (r"\|Xw-y\|^2", "w", ["solve"]),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot"]),
    (r"\log\det(X^TX+cI)", "X", ["hessian"]),
    (r"\operatorname{tr}(A\otimes X)", "X", []),
]


def test_what_a_marker_costs_does_not_hang_on_those_before_it() -> None:
    first = [steps(*asked) for asked in ASKED]
    assert [steps(*asked) for asked in reversed(ASKED)] == first[::-1]
    for asked, expected in zip(ASKED, first, strict=True):  # nor on what is kept of them
        mdderive.derive(*asked)
        mdderive.derive("a^Tx", "x")
        assert steps(*asked) == expected


def test_a_matrix_exponential_counts_as_the_products_that_it_is_made_of() -> None:
    before = EFFORT.spent
    exponential(numpy.eye(3))
    assert EFFORT.spent - before > 10


def test_work_beyond_the_bound_is_refused_and_only_there() -> None:
    with pytest.raises(mdderive.DeriveError) as caught, bounded(most=10):
        EFFORT.spend(11)
    assert caught.value.code == "E310" and caught.value.hint
    EFFORT.spend(11)
    with bounded(most=10):
        EFFORT.spend(9)


@pytest.mark.parametrize(("answer", "place"), [(solve, api), (web_solution, api), (web_solution, engine)])
def test_pages_and_sites_bound_what_a_marker_costs(
    answer: Callable[[Request], object], place: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(read_marker(r"\derive<a^Tx><x>", 0), "markdown")
    mdderive.clear_caches()
    monkeypatch.setattr(place, "bounded", partial(bounded, most=2))
    with pytest.raises(mdderive.DeriveError) as caught:
        answer(request)
    assert caught.value.code == "E310"
    monkeypatch.undo()
    answer(request)


def test_what_is_too_deep_is_refused_however_deep_the_caller_stands() -> None:
    def deep(levels: int) -> int:
        return deep(levels - 1) + 1 if levels else 0

    def from_below(levels: int) -> str:
        if levels:
            return from_below(levels - 1)
        with pytest.raises(mdderive.DeriveError) as caught, bounded():
            deep(5000)
        with bounded():
            deep(1500)
        return caught.value.code

    assert from_below(0) == from_below(500) == "E310"


def test_the_caret_of_a_marker_that_is_too_large_stands_under_the_function() -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(r"\operatorname{tr}X^{1000000}", "X")
    span = caught.value.span
    assert span is not None and (span.part, span.start, span.end) == ("f", 0, 28)


def test_a_claim_that_takes_too_much_work_is_not_judged() -> None:
    text = r"$$\frac{\partial}{\partial X}\operatorname{tr}(X^{1000000}) = 1000000(X^{999999})^\top$$"
    (claim,) = mdderive.claims(text)
    assert claim.verdict == "not judged"


# --- sizes written as numbers


def test_a_size_written_as_a_number_is_checked_at_a_small_one_that_is_told() -> None:
    found = mdderive.derive(r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot", "W: 10 x 784"])
    assert isinstance(found, mdderive.Derivation)
    assert found.check.sizes == {"10": 3, "784": 4}
    assert "($3$ in place of $10$, $4$ in place of $784$)" in found.to_markdown()
    assert "以 $3$ 代 $10$，以 $4$ 代 $784$，" in found.to_markdown("zh")
    assert found.shapes["W"] == ("10", "784")


@pytest.mark.parametrize(
    ("f", "variable", "where", "sizes"),
    [
        ("a^TXb", "X", ["X: 3 x 8"], {}),  # small ones stay
        ("a^TXb", "X", ["X: 8 x 10"], {"10": 9}),  # and are below the stand-ins
        ("a^TXb", "X", ["X: n x 100"], {"n": 3, "100": 4}),
        (r"\|(X^TX)^{-1}X^Ty\|^2", "X", ["X: 100 x 20"], {"20": 3, "100": 4}),  # rows remain more than columns
        ("x_3^2", "x", ["x: 100 x 1"], {"100": 4}),
        (r"\operatorname{tr}(AX)", "X", ["X: 5 x n"], {"n": 3}),  # distinct from what is written
        (r"\frac{1}{784}\sum_{i=1}^{784}(w^Tx_i-c)^2", "c", ["w: 784 x 1"], {"784": 3}),
        (r"\operatorname{tr}(cI+X)", "c", ["X: 30 x 30"], {}),  # c times 30: the size itself is tried
        (r"\log\det(cX)", "c", ["X: 30 x 30"], {}),
    ],
)
def test_a_stand_in_keeps_what_matters(f: str, variable: str, where: list[str], sizes: dict[str, int]) -> None:
    found = mdderive.derive(f, variable, where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.sizes == sizes


@pytest.mark.parametrize(
    ("f", "variable", "where", "right"),
    [
        (r"\operatorname{tr}(cI+X)", "c", ["X: 30 x 30", "= 30"], True),
        (r"\operatorname{tr}(cI+X)", "c", ["X: 30 x 30", "= 3"], False),
        (r"\operatorname{tr}(cI+X)", "c", ["X: 30 x 30", "= 4"], False),
        (r"\sum_{i=1}^{1000}c^2", "c", ["= 2000c"], True),
        (r"\sum_{i=1}^{1000}c^2", "c", ["= 8c"], False),
        (r"\sum_{i=1}^{1000}(c-x_i)^2", "c", [r"= 2000c-2\sum_{i=1}^{1000}x_i"], True),
        (r"\sum_{i=3}^{1000}(c-x_i)^2", "c", [r"= 1996c-2\sum_{i=3}^{1000}x_i"], True),
        (r"\frac{1}{30}\|x\|^2", "x", ["x: 30 x 1", r"= \frac{1}{15}x"], True),
        (r"\|Ax-b\|^2", "x", ["A: 50 x 50", "= 2A(Ax-b)"], False),
        (r"\|Ax-b\|^2", "x", ["A: 5000 x 5000", "= 2A(Ax-b)"], False),
    ],
)
def test_a_claim_is_judged_by_the_sizes_that_are_written(f: str, variable: str, where: list[str], right: bool) -> None:
    if right:
        mdderive.derive(f, variable, where)
        return
    with pytest.raises(mdderive.VerificationError) as caught:
        mdderive.derive(f, variable, where)
    assert caught.value.code == "E410"


@pytest.mark.parametrize(
    ("f", "variable", "where"),
    [
        (r"\sum_{i=1}^{#}(w^Tx_i-y_i)^2", "w", []),
        (r"\sum_{i=1}^{#}\sum_{j=1}^{#}K_{ij}c_ic_j", "c_k", []),
        (r"a^TXb", "X", ["X: # x #"]),
        (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot", "W: 10 x #"]),
    ],
)
@pytest.mark.parametrize("number", ["1000", "1000000000"])
def test_a_number_costs_about_as_much_as_a_letter_in_its_place(
    f: str, variable: str, where: list[str], number: str
) -> None:

    def asked(size: str) -> tuple[str, str, list[str]]:
        return f.replace("#", size), variable, [x.replace("#", size) for x in where]

    assert steps(*asked(number)) < 3 * steps(*asked("p"))
    found = mdderive.derive(*asked(number))
    assert isinstance(found, mdderive.Derivation) and found.check.exact


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"2000c-2\sum_{i=1}^{1000}x_i", True),
        (r"2000c-2\sum_{i=144}^{1143}x_i", False),  # where members recur, after 3 and 4 of them
        (r"2000c-4\sum_{i=1}^{500}x_i", False),
        (r"2000c-2\sum_{i=2}^{1001}x_i", False),
    ],
)
def test_a_claim_on_a_long_sum_is_judged_by_all_its_members(claim: str, right: bool) -> None:
    asked = (r"\sum_{i=1}^{1000}(c-x_i)^2", "c", [f"= {claim}"])
    if right:
        mdderive.derive(*asked)
        return
    with pytest.raises(mdderive.VerificationError) as caught:
        mdderive.derive(*asked)
    assert caught.value.code == "E410"


# --- gradients with very many entries


@pytest.mark.parametrize(
    "spoil",
    [
        lambda g: -g,
        lambda g: 1.000001 * g,
        lambda g: g + 1e-6 * abs(g).max(),
        lambda g: g[..., ::-1],
        lambda g: g[..., ::-1, :],
    ],
)
def test_a_wrong_gradient_fails_along_random_directions(spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    found = mdderive.derive(r"\operatorname{tr}(X^TAXB)+a^TXb", "X")
    assert isinstance(found, mdderive.Derivation)
    question = found.working.question
    points = checks.subject(question.f, question.definitions)
    truth = points.gradient(found.variable)
    points._gradients.clear()
    monkeypatch.setattr(checks, "ALL_ENTRIES", 0)

    def check() -> bool:
        printed = points.value(found.gradient)
        return points.compare(*points.beside_gradient(printed, found.variable, question.f)).ok

    assert check()
    right = points.value
    monkeypatch.setattr(
        checks.Subject,
        "value",
        lambda self, x, given=checks.NOTHING_GIVEN: (
            spoil(truth) if x is found.gradient and not given else right(x, given)
        ),
    )
    assert not check()


@pytest.mark.parametrize("collects", [True, False])
def test_what_looks_for_cyclic_garbage_rests_for_one_marker_and_is_then_as_it_was(collects: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with pytest.raises(ZeroDivisionError), bounded(), bounded():
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()
