r"""Recursions: a few steps are written out as named values, and the chain rule goes back through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mdderive

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


REFUSED = [
    (r"\sum_{t=1}^T\|h_t-y_t\|^2", STEP, "a recursion of an unknown number of steps is not supported"),
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
