"""One side of the comparison in a process of its own: `python peer.py sympy` answers a number per line with JSON.

Each answer has the milliseconds of CPU time of one differentiation, and with `N value` also the value at a fixed point.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

import numpy
from expressions import EXPRESSIONS, Expression
from measure import cpu_milliseconds

SIZES = {"n": 3, "m": 4, "p": 2, "1": 1}
Values = dict[str, Any]


def values(expression: Expression) -> Values:
    """Return random arrays for the letters, the same in every process."""
    rng, found = numpy.random.default_rng(1), {}
    for name, (rows, columns) in expression.shapes.items():
        square = rows == columns and rows != "1"
        array = rng.standard_normal((SIZES[rows], SIZES[columns])) * (0.3 if square else 1)
        found[name] = array + numpy.eye(SIZES[rows]) * 1.5 if square else array
    if "S" in found:
        found["S"] = found["S"] @ found["S"].T
    if "y: one-hot" in expression.where:
        found["y"] = numpy.eye(len(found["y"]))[:, [1]]
    return found


def program_name(latex: str) -> str:
    """Return the name of a letter in a program."""
    return {r"\Sigma": "S", r"\mu": "mu"}.get(latex, latex)


def functions(xp: Any, expm: Any, inv: Any, det: Any) -> Values:
    """Return the functions that programs are written with."""
    known = {name: getattr(xp, name) for name in ("exp", "log", "sqrt", "sum", "trace", "kron")}
    return known | {
        "expm": expm,
        "inv": inv,
        "det": det,
        "lse": lambda z: xp.log(xp.sum(xp.exp(z))),
        "sigma": lambda z: 1 / (1 + xp.exp(-z)),
    }


def compiled(expression: Expression, names: Values) -> Callable[[Values], Any]:
    """Return the program of an expression as a function of its letters, with a number as its value."""
    code = compile(expression.program, expression.latex, "eval")
    return lambda given: names["sum"](eval(code, {**names, **given}))


class Mdderive:
    """Ours: from the author's LaTeX to the checked derivation, or the gradient alone of what was read before."""

    def __init__(self, checked: bool = True) -> None:
        import mdderive

        self.library, self.checked = mdderive, checked
        mdderive.derive("a^Tx", "x")

    def take(self, e: Expression) -> float:
        if self.checked:
            self.library.clear_caches()
            return cpu_milliseconds(lambda: self.library.derive(e.latex, e.variable, where=e.where))
        from mdderive.algebra.terms import normalise
        from mdderive.calculus.gradient import gradient
        from mdderive.question.question import read_question
        from mdderive.solution.identities import use_identities

        question = read_question(e.latex, e.variable, e.where)
        self.library.clear_caches()
        return cpu_milliseconds(lambda: gradient(normalise(use_identities(question.f)[0]), question.variables[0]))

    def value(self, e: Expression, given: Values) -> Any:
        found = self.library.derive(e.latex, e.variable, where=e.where)
        space: Values = {}
        exec(found.to_python(), space)
        known = {program_name(latex): name for latex, name in found.arguments.items()}
        return space["gradient"](**{known[name]: array for name, array in given.items() if name in known})


class SymPy:
    """`diff` of the spelling in `expressions`; sizes are letters when it is timed and numbers when it is judged."""

    def __init__(self) -> None:
        import sympy
        import sympy.core.cache

        self.library = sympy
        self.sizes = {name: sympy.Symbol(name, integer=True, positive=True) for name in "nmp"} | {"1": 1}

    def spelled(self, e: Expression, sizes: Values) -> tuple[Any, Any]:
        if not e.sympy:
            raise NotImplementedError("no spelling in matrices")
        letters = {k: self.library.MatrixSymbol(k, sizes[v[0]], sizes[v[1]]) for k, v in e.shapes.items()}
        names = {**vars(self.library), "t": self.library.Symbol("t"), "m": sizes["m"], **letters}
        return eval(e.sympy, names), letters[program_name(e.variable)]

    def take(self, e: Expression) -> float:
        f, variable = self.spelled(e, self.sizes)
        self.library.core.cache.clear_cache()
        return cpu_milliseconds(lambda: self.library.diff(f, variable))

    def value(self, e: Expression, given: Values) -> Any:
        f, variable = self.spelled(e, SIZES)
        found = self.library.diff(f, variable)
        if found.atoms(self.library.Derivative) or "Derivative" in self.library.srepr(found):
            raise NotImplementedError("left as a derivative")
        arrays = {self.library.MatrixSymbol(k, *v.shape): self.library.ImmutableMatrix(v) for k, v in given.items()}
        whole = found.xreplace(arrays).doit()
        whole = whole.as_explicit() if hasattr(whole, "as_explicit") else whole
        return numpy.array(whole.tolist() if hasattr(whole, "tolist") else whole, dtype=float)


class Jax:
    """`jax.grad`, warm; with `compiled` under `jax.jit`."""

    def __init__(self, jit: bool = False) -> None:
        import jax
        import jax.numpy
        import jax.scipy.linalg

        jax.config.update("jax_enable_x64", True)
        self.library, self.jit = jax, jit
        linalg = jax.numpy.linalg
        self.names = functions(jax.numpy, jax.scipy.linalg.expm, linalg.inv, linalg.det)
        self.made: dict[int, Callable[[Any], Any]] = {}

    def gradient(self, e: Expression) -> Callable[[Any], Any]:
        if id(e) not in self.made:
            given = {k: self.library.numpy.asarray(v) for k, v in values(e).items()}
            program, name = compiled(e, self.names), program_name(e.variable)
            grad = self.library.grad(lambda x: program({**given, name: x}))
            self.made[id(e)] = self.library.jit(grad) if self.jit else grad
        return self.made[id(e)]

    def take(self, e: Expression) -> float:
        grad, x = self.gradient(e), self.library.numpy.asarray(values(e)[program_name(e.variable)])
        grad(x).block_until_ready()
        return cpu_milliseconds(lambda: grad(x).block_until_ready())

    def value(self, e: Expression, given: Values) -> Any:
        return numpy.asarray(self.gradient(e)(given[program_name(e.variable)]))


class Torch:
    """`torch.autograd`."""

    def __init__(self) -> None:
        torch = importlib.import_module("torch")
        self.library = torch
        self.names = functions(torch, torch.matrix_exp, torch.linalg.inv, torch.linalg.det)

    def gradient(self, e: Expression, given: Values) -> Any:
        program = compiled(e, self.names)
        letters = {k: self.library.tensor(v.tolist(), dtype=self.library.float64) for k, v in given.items()}
        x = letters[program_name(e.variable)].requires_grad_()
        return lambda: self.library.autograd.grad(program(letters), x)[0]

    def take(self, e: Expression) -> float:
        grad = self.gradient(e, values(e))
        grad()
        return cpu_milliseconds(grad)

    def value(self, e: Expression, given: Values) -> Any:
        return numpy.array(self.gradient(e, given)().tolist())


SIDES: dict[str, Callable[[], Any]] = {
    "mdderive": Mdderive,
    "mdderive, unchecked": lambda: Mdderive(checked=False),
    "sympy": SymPy,
    "sympy, development": SymPy,
    "jax": Jax,
    "jax, compiled": lambda: Jax(jit=True),
    "torch": Torch,
}


def judged(side: Any, e: Expression) -> str:
    """Return "right", "wrong" or "cannot", as central differences say."""
    given, name = values(e), program_name(e.variable)
    program = compiled(e, functions(numpy, _numpy_expm, numpy.linalg.inv, numpy.linalg.det))
    try:
        found = numpy.asarray(side.value(e, given), dtype=float)
    except Exception:  # whatever a peer raises, it could not
        return "cannot"
    truth = numpy.zeros_like(given[name])
    for place in numpy.ndindex(truth.shape):
        step = numpy.zeros_like(truth)
        step[place] = 1e-5
        truth[place] = (
            program({**given, name: given[name] + step}) - program({**given, name: given[name] - step})
        ) / 2e-5
    same = found.size == truth.size and numpy.allclose(found.reshape(truth.shape), truth, rtol=1e-5, atol=1e-7)
    return "right" if same else "wrong"


def _numpy_expm(x: Any) -> Any:
    values, vectors = numpy.linalg.eig(x)
    return (vectors * numpy.exp(values) @ numpy.linalg.inv(vectors)).real


def answer(side: Any, e: Expression, judge: bool) -> dict[str, Any]:
    """Return the time, or the judgement."""
    try:
        return {"verdict": judged(side, e)} if judge else {"ms": side.take(e)}
    except Exception as error:
        return {"ms": None, "error": str(error)[:200]}


def main() -> None:
    side = SIDES[sys.argv[1]]()
    version = getattr(side.library, "__version__", "")
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        number, *judge = line.split()
        found = answer(side, EXPRESSIONS[int(number)], bool(judge))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**found, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
