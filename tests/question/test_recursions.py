r"""Recursions: a few steps are written out as named values, and the chain rule goes back through them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import mdderive
from mdderive.algebra.terms import scale

STEP = r"h_t = \tanh(Wh_{t-1}+Ux_t)"
RNG = np.random.default_rng(11)


def derived(f: str, x: str, *where: str) -> mdderive.Derivation:
    found = mdderive.derive(f, x, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    return found


def test_it_is_that_of_the_steps_written_by_hand() -> None:
    steps = [rf"h_{k} = \tanh(Wh_{k - 1}+Ux_{k})" for k in (1, 2, 3)]
    by_hand = derived(r"\|h_1-y_1\|^2+\|h_2-y_2\|^2+\|h_3-y_3\|^2", "W", *steps)
    found = derived(r"\sum_{t=1}^3\|h_t-y_t\|^2", "W", STEP)
    assert str(found.gradient) == str(by_hand.gradient)
    assert found.to_text() == by_hand.to_text()


def test_the_exported_gradient_is_that_of_differences() -> None:
    space: dict[str, Any] = {}
    exec(derived(r"\sum_{t=1}^2\|h_t-y_t\|^2", "W", STEP).to_python(), space)
    w, u = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 2))
    given = {name: RNG.normal(size=(2, 1)) for name in ("x_1", "x_2")}
    given |= {name: RNG.normal(size=(3, 1)) for name in ("h_0", "y_1", "y_2")}

    def loss(w: Any) -> float:
        h_1 = np.tanh(w @ given["h_0"] + u @ given["x_1"])
        h_2 = np.tanh(w @ h_1 + u @ given["x_2"])
        return float(((h_1 - given["y_1"]) ** 2 + (h_2 - given["y_2"]) ** 2).sum())

    wanted = np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        step = np.zeros_like(w)
        step[place] = 1e-6
        wanted[place] = (loss(w + step) - loss(w - step)) / 2e-6
    np.testing.assert_allclose(space["gradient"](W=w, U=u, **given), wanted, rtol=1e-6)


GRADIENTS = [
    (r"\|x_3-y\|^2", "x_0", (r"x_t = Ax_{t-1}",), r"2(A^3)^\top(x_3-y)"),
    (r"\sum_{t=1}^2x_t^TQx_t", "u_1", (r"x_t = Ax_{t-1}+Bu_t", "Q: symmetric"), None),
    (r"\|h_2-y\|^2", "W", (r"z_t = Wh_{t-1}+Ux_t", r"h_t = \tanh(z_t)"), None),
    (r"\|h^{(2)}-y\|^2", "W", (r"h^{(t)} = \tanh(Wh^{(t-1)})",), None),
]


@pytest.mark.parametrize(("f", "x", "where", "gradient"), GRADIENTS, ids=[x[0] for x in GRADIENTS])
def test_other_recursions(f: str, x: str, where: tuple[str, ...], gradient: str | None) -> None:
    found = str(derived(f, x, *where).gradient)
    assert gradient in (None, found)


def test_a_weight_is_waited_for_through_several_names() -> None:
    """W stands in p, which is reached by way of a, and so it is not done when q is."""
    found = derived(r"\|b-y\|^2", "W", "p = Wh", r"a = \tanh(p)", "q = Wa", r"b = \tanh(q)")
    at_q = r"(b-y) \odot (\mathbf{1}-b^{\odot 2})"
    by_p = rf"2\left(\left(W^\top\bigl({at_q}\bigr)\right) \odot (\mathbf{{1}}-a^{{\odot 2}})\right)h^\top"
    assert str(found.gradient) == rf"2\bigl({at_q}\bigr)a^\top+{by_p}"


@pytest.mark.parametrize("f", [r"\frac1T\sum_{t=1}^T\|h_t-y_t\|^2+c^\top h_T", r"c^Th_T", r"\|h_{T-1}-y_T\|^2"])
def test_the_number_of_steps_may_be_a_letter_that_is_defined(f: str) -> None:
    r"""`T = 2` beside `\sum_{t=1}^T` and h_T is what 2 is in their place."""
    by_hand = f.replace("T-1", "1").replace("^T", "^2").replace("c^2h", "c^Th").replace("_T", "_2").replace("1T", "12")
    assert derived(f, "W", STEP, "T = 2").to_text() == derived(by_hand, "W", STEP).to_text()


LOSS = r"\sum_{t=1}^T\|h_t-y_t\|^2"
SLOPE = r"\left(\frac{\partial f}{\partial h_t} \odot (\mathbf{1}-h_t^{\odot 2})\right)"
BACK = r"W^\top\left(\frac{\partial f}{\partial h_{t+1}} \odot (\mathbf{1}-h_{t+1}^{\odot 2})\right)"
FIRST = r"W^\top\left(\frac{\partial f}{\partial h_1} \odot (\mathbf{1}-h_1^{\odot 2})\right)"
ENERGY = r"\sum_{t=1}^Tx_t^\top Qx_t"
BY_W = rf"\sum_{{t=1}}^T {SLOPE}h_{{t-1}}^\top"
LINEAR = (r"x_t = Ax_{t-1}+Bu_t", "Q: symmetric")
BY_Q = r"\sum_{t=1}^T \frac{\partial f}{\partial S_t}"
BY_A = r"\sum_{t=1}^T \frac{\partial f}{\partial x_t}x_{t-1}^\top"


def in_capitals(*texts: str) -> list[str]:
    capitals = (re.sub("h_|y_|x_", lambda x: x[0].upper(), text) for text in texts)
    return [x.replace(r"\mathbf{1}", r"\mathbf{1}\mathbf{1}^\top") for x in capitals]


MATRICES = in_capitals(LOSS, STEP, BY_W, "2(h_T-y_T)", f"2(h_t-y_t)+{BACK}")
OF_T_STEPS = [  # f, variable, clauses, gradient, that by the last state, that by h_t
    (LOSS, "W", (STEP,), BY_W, "2(h_T-y_T)", f"2(h_t-y_t)+{BACK}"),
    (LOSS, "U", (STEP,), rf"\sum_{{t=1}}^T {SLOPE}x_t^\top", "2(h_T-y_T)", f"2(h_t-y_t)+{BACK}"),
    (r"c^\top h_T", "h_0", (STEP,), FIRST, "c", BACK),
    (rf"{LOSS}+c^\top h_T+\|W\|_F^2", "W", (STEP,), f"2W+{BY_W}", "2(h_T-y_T)+c", f"2(h_t-y_t)+{BACK}"),
    (LOSS, "W", (r"z_t = Wh_{t-1}+b", r"h_t = \tanh(z_t)"), BY_W, "2(h_T-y_T)", f"2(h_t-y_t)+{BACK}"),
    (
        r"\operatorname{tr}S_T",
        "Q",
        (r"S_t = AS_{t-1}A^\top+Q",),
        BY_Q,
        "I",
        r"A^\top\frac{\partial f}{\partial S_{t+1}}A",
    ),
    (MATRICES[0], "W", (MATRICES[1],), *MATRICES[2:]),
    (ENERGY, "A", LINEAR, BY_A, "2Qx_T", r"2Qx_t+A^\top\frac{\partial f}{\partial x_{t+1}}"),
    (
        "s_N",
        "a",
        (r"s_k = as_{k-1}+b_k", "a: scalar"),
        r"\sum_{k=1}^N \frac{\partial f}{\partial s_k}s_{k-1}",
        "1",
        r"\frac{\partial f}{\partial s_{k+1}}a",
    ),
]


@pytest.mark.parametrize(("f", "x", "where", "gradient", "last", "state"), OF_T_STEPS)
def test_a_recursion_of_t_steps_goes_back_from_the_last(
    f: str, x: str, where: tuple[str, ...], gradient: str, last: str, state: str
) -> None:
    found = derived(f, x, *where)
    assert str(found.gradient) == gradient
    assert [str(value) for value in found.working.chain.values()] == [last, state]
    assert all(check.exact for check in found.working.checks)
    assert [*found.names.values()][-2:] == [*found.working.chain.values()]


def test_every_line_of_it_is_compared_with_the_steps_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from mdderive.solution import recursion

    for name in ("at_the_end", "on_the_way"):
        true = getattr(recursion._BackwardPass, name).func
        with monkeypatch.context() as patched:
            patched.setattr(recursion._BackwardPass, name, property(lambda self, true=true: scale(2, true(self))))
            mdderive.clear_caches()
            with pytest.raises(mdderive.VerificationError, match=r"partial h_[Tt]"):
                mdderive.derive(LOSS, "W", where=[STEP])
    with monkeypatch.context() as patched:
        true = recursion._BackwardPass.gradient
        patched.setattr(recursion._BackwardPass, "gradient", lambda self, x: scale(2, true(self, x)))
        mdderive.clear_caches()
        with pytest.raises(mdderive.VerificationError, match="the gradient by W"):
            mdderive.derive(LOSS, "W", where=[STEP])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_its_range_and_its_first_state_are_told(lang: str) -> None:
    text = derived(LOSS, "W", STEP).to_markdown(lang)
    assert r"h_0\in\mathbb{R}^m" in text
    assert r"t=1,\dots,T" in text
    assert r",\quad t=T-1,\dots,1" in text
    assert "$T=2$" in text


def test_the_first_state_may_be_declared() -> None:
    shapes = derived(LOSS, "h_0", STEP, r"h_0 \in \mathbb{R}^k", "x_t: vector").shapes
    assert (shapes["h_0"], shapes["h_t"]) == (("k", "1"), ("k", "1"))


def test_other_numbers_stay_named_values() -> None:
    assert r"2\lambda" in str(derived(r"\lambda\sum_{t=1}^T\|h_t\|^2", "U", STEP, "T = 1", r"\lambda = 3").gradient)


NOT_OF_T_STEPS = [
    (LOSS, "W", (STEP, "solve"), "E306", "'solve' of a recursion of T steps is not supported"),
    (LOSS, "W", (STEP, "= 0"), "E306", "a claim of a recursion of T steps is not supported"),
    (LOSS, "W", (STEP, "gradient-layout: numerator"), "E306", "the numerator layout of a recursion of T steps"),
    (rf"{LOSS}+\operatorname{{tr}}A", "W", (STEP, "A = W^2"), "E306", "the named value A of a recursion of T steps"),
    (r"\log\sum_{t=1}^T\exp(c^\top h_t)", "W", (STEP,), "E306", "what needs names of its own"),
    (LOSS, "T", (STEP,), "E147", "T is a number of terms or entries"),
    (LOSS, "x_t", (STEP,), "E306", "the derivative by x_t in a recursion of T steps"),
    (LOSS, "h_T", (STEP,), "E306", "the derivative by h_T in a recursion of T steps"),
    (r"\sum_{t=1}^T\|h_{t+1}-y_t\|^2", "W", (STEP,), "E134", "the step h_{t+1} of a recursion of T steps"),
    (r"\sum_{t=2}^T\|h_t\|^2", "W", (STEP,), "E134", "of a recursion of T steps a sum over some of them"),
    (r"\prod_{t=1}^Th_t^\top c", "W", (STEP,), "E134", "of a recursion of T steps a product over them"),
    (r"\sum_{s=1}^Th_s^\top c", "W", (STEP,), "E134", "a sum over s of what a recursion over t defines"),
    (r"\sum_{t=1}^3\sum_{s=1}^3h_t^\top h_s", "W", (STEP,), "E134", "a sum over s of what a recursion over t defines"),
    (LOSS, "W", (r"h_t = \tanh(Wh_{t-2})",), "E134", "the step h_{t-2} of a recursion"),
    (LOSS, "W", (r"h_t = \tanh(Wh_{t-1}+Vh_{t-2})",), "E134", "the step h_{t-2} of a recursion of T steps"),
    (LOSS, "W", (r"h_t = Wh_{t-1}+c_{t-1}", r"c_t = Wc_{t-1}"), "E134", "a recursion of several values"),
    (r"\sum_t\|h_t\|^2", "W", (STEP,), "E134", "a recursion of an unknown number of steps"),
]


@pytest.mark.parametrize(("f", "x", "where", "code", "message"), NOT_OF_T_STEPS)
def test_what_one_step_does_not_tell_of_is_refused(
    f: str, x: str, where: tuple[str, ...], code: str, message: str
) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, x, where=where)
    assert caught.value.code == code
    assert caught.value.message.startswith(message)


def test_t_steps_are_no_program() -> None:
    found = derived(LOSS, "W", STEP)
    with pytest.raises(mdderive.UnsupportedError, match="not exported") as caught:
        found.to_python()
    assert caught.value.code == "E320"
    assert found.to_json()["python"] is None


REFUSED = [
    (r"\max_th_t^\top c", STEP, "a recursion of an unknown number of steps is not supported"),
    (r"\sum_{t=1}^{20}\|h_t-y_t\|^2", STEP, "a recursion of more than 8 steps is not written out"),
    (r"\|h_{20}-y\|^2", STEP, "a recursion of more than 8 steps is not written out"),
    (r"\|h_3-y\|^2", r"h_t = \tanh(Wh_{t-2}+Ux_t)", "the step h_{t-2} of a recursion is not supported"),
    (r"\|h_3-y\|^2", r"h_t = \tanh(Wh_{t+1}+Ux_t)", "the step h_{t+1} of a recursion is not supported"),
    (r"\|h_3-y\|^2", r"h_t = t\,Wh_{t-1}", "the number t of a step is not supported in a recursion"),
]


@pytest.mark.parametrize(("f", "step", "message"), REFUSED, ids=[f"{x[0]} {x[1]}" for x in REFUSED])
def test_what_is_no_few_steps_is_refused_by_name(f: str, step: str, message: str) -> None:
    with pytest.raises(mdderive.UnsupportedError, match="recursion") as caught:
        mdderive.derive(f, "W", where=[step])
    assert (caught.value.code, caught.value.message) == ("E134", message)
