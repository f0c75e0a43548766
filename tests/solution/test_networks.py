"""Networks: answers that share parts are told by these, in the solution, in JSON and in source, and grow linearly."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from places import GOLDEN

import mdderive
from mdderive.checking.subject import subject
from mdderive.effort import EFFORT


def residual(layers: int) -> tuple[str, str, list[str]]:
    """Return a residual net, by its first weights."""
    before = ["x", *(f"h_{{{k}}}" for k in range(1, layers))]
    named = [rf"h_{{{k}}} = {x}+\sigma(W_{{{k}}}{x})" for k, x in enumerate(before, 1)]
    return rf"\|h_{{{layers}}}-y\|^2", "W_1", named


def recurrent(steps: int) -> tuple[str, str, list[str]]:
    """Return an unrolled recurrent net, by the weights that all its steps share."""
    named = [rf"h_{{{k}}} = \sigma(Wh_{{{k - 1}}}+Ux_{{{k}}})" for k in range(1, steps + 1)]
    return rf"\|h_{{{steps}}}-y\|^2", "W", named


def plain(layers: int) -> tuple[str, str, list[str]]:
    """Return a net without names, by its first weights."""
    nest = "x"
    for k in range(1, layers + 1):
        nest = rf"\sigma(W_{{{k}}}{nest})"
    return rf"a^T{nest}", "W_1", []


def numbers(levels: int) -> tuple[str, str, list[str]]:
    """Return numbers nested in one another, which no author names."""
    nest = "a^Tx"
    for k in range(1, levels + 1):
        nest = f"({nest}+c_{{{k}}})^2"
    return nest, "x", []


def factors(count: int) -> tuple[str, str, list[str]]:
    """Return a product of many numbers that depend on one variable."""
    return "".join(f"(a_{{{k}}}^Tx)" for k in range(1, count + 1)), "x", []


NETWORKS = {"a residual net": residual(4), "a recurrent net": recurrent(4), "a deep net": plain(8)}
LINEAR = {"residual": residual, "recurrent": recurrent, "plain": plain, "numbers": numbers, "factors": factors}
NAMED_FROM = {"numbers": 10, "factors": 10}
"""From how many layers on they have names, where that is not from 8 on."""
ROOM = 1.3
"""How much more than twice as long a text for twice as many layers may be."""


def derived(f: str, variable: str, where: list[str]) -> mdderive.Derivation:
    found = mdderive.derive(f, variable, where)
    assert isinstance(found, mdderive.Derivation)
    return found


def written(ending: str) -> str:
    """Return the three networks as the golden file with this ending holds them."""
    parts = []
    for title, network in NETWORKS.items():
        found = derived(*network)
        if ending == "numpy":
            parts.append(f"# {title}\n{found.to_python()}")
        elif ending == "tex":
            parts += (f"% {title}\n{found.to_latex(language)}\n" for language in ("en", "zh"))
        else:
            parts.append(f"## {title}\n\n{found.to_markdown('zh' if ending == 'zh.md' else 'en')}\n")
    return "\n".join(parts)


@pytest.mark.parametrize("ending", ["md", "zh.md", "tex", "numpy"])
def test_networks_come_out_as_they_did(ending: str) -> None:
    assert written(ending) == (GOLDEN / f"networks.{ending}").read_text(encoding="utf-8")


@pytest.mark.parametrize("network", [*NETWORKS.values(), residual(20), plain(20)])
def test_the_source_yields_the_gradient(network: tuple[str, str, list[str]]) -> None:
    found = derived(*network)
    question = found.working.question
    points = subject(question.f, question.definitions)
    at = {latex: points.at(question.symbols[latex])[0] for latex in found.arguments}
    given: dict[str, Any] = {found.arguments[latex]: value for latex, value in at.items()}
    cubes = {"sigma": lambda t: np.tanh(t), "sigma_prime": lambda t: 1 - np.tanh(t) ** 2}
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    got = space["gradient"](**given, **cubes)
    name = found.arguments[found.variable.latex]
    along = np.random.default_rng(1).standard_normal(given[name].shape)
    near, far = (value(network, {**given, name: given[name] + h * along}) for h in (1e-5, -1e-5))
    assert np.isclose((near - far) / 2e-5, np.sum(got * along), rtol=1e-5)


def value(network: tuple[str, str, list[str]], given: dict[str, Any]) -> float:
    """Return f of one of the networks, computed by itself."""
    f, _, named = network
    if not named:
        h = given["x"]
        for k in range(1, len(re.findall(r"\\sigma", f)) + 1):
            h = np.tanh(given[f"W_{k}"] @ h)
        return float(np.squeeze(given["a"].T @ h))
    h = given.get("h_0", given.get("x"))
    for k in range(1, len(named) + 1):
        h = np.tanh(given["W"] @ h + given["U"] @ given[f"x_{k}"]) if "U" in given else h + np.tanh(given[f"W_{k}"] @ h)
    return float(np.sum((h - given["y"]) ** 2))


@pytest.mark.parametrize("name", LINEAR)
def test_page_and_source_grow_with_the_layers(name: str) -> None:
    layers = NAMED_FROM.get(name, 8)
    small, large = derived(*LINEAR[name](layers)), derived(*LINEAR[name](2 * layers))
    for write in (lambda x: x.to_markdown(), lambda x: x.to_python(), lambda x: str(x.to_json())):
        assert len(write(large)) < 2 * ROOM * len(write(small))


@pytest.mark.parametrize("name", LINEAR)
def test_the_steps_grow_with_the_layers(name: str) -> None:
    layers, spent = NAMED_FROM.get(name, 8), []
    for count in (layers, 2 * layers):
        mdderive.clear_caches()
        derived(*LINEAR[name](count))
        spent.append(EFFORT.spent)
    assert spent[1] < 2 * ROOM * spent[0]


def test_a_long_product_has_names_for_what_its_first_factors_make() -> None:
    found = derived(*factors(9))
    assert "The product is long, so we name what its first factors make together: $p_1 = " in found.to_markdown()
    assert "依次记前若干个因子之积为 $p_1 = " in found.to_markdown("zh")
    assert r"\frac{\partial f}{\partial p_6} &= \frac{\partial f}{\partial p_7}a_8^Tx" in found.to_markdown()
    assert "p_1" not in derived(*factors(8)).to_markdown()


def test_json_says_what_the_names_in_a_gradient_stand_for() -> None:
    data = derived(*residual(4)).to_json()
    assert data["gradient"] == r"\left(\frac{\partial f}{\partial h_1} \odot \sigma'(W_1x)\right)x^\top"
    names = list(data["names"])
    assert names[:4] == ["h_1", "h_2", "h_3", "h_4"]
    assert names[4:] == [rf"\frac{{\partial f}}{{\partial h_{k}}}" for k in (4, 3, 2, 1)]
    assert data["names"][names[4]] == "2(h_4-y)"


def test_a_sentence_says_what_its_names_stand_for_or_refuses() -> None:
    f, variable, where = residual(3)
    page = "So it is \\derive<{}><{}>[{}]."
    found = mdderive.expand(page.format(f, variable, "; ".join(where)))
    assert found.text.count(r"\frac{\partial f}{\partial h_1}") == 2 and not found.problems
    f, variable, where = residual(9)
    found = mdderive.expand(page.format(f, variable, "; ".join(where)))
    assert [x.code for x in found.problems] == ["E309"] and found.text.startswith("So it is \\derive<")


@pytest.mark.parametrize("network", [plain(3), numbers(8)])
def test_a_net_of_few_layers_is_written_in_the_letters_of_its_author(network: tuple[str, str, list[str]]) -> None:
    found = derived(*network)
    assert not found.working.question.introduced and "h_1" not in found.to_markdown()


@pytest.mark.parametrize(
    ("f", "letter"),
    [
        (r"a^T\sigma(W\sigma(W\sigma(W\sigma(Wh))))", "z"),
        (r"a^T\tanh(A\tanh(A\tanh(A\tanh(Az+h))))", "u"),
        (r"\mathbf{a}^T\tanh(A\tanh(A\tanh(A\tanh(A\mathbf{x}))))", r"\mathbf{h}"),
    ],
)
def test_a_name_of_a_layer_is_none_of_the_letters_of_the_author(f: str, letter: str) -> None:
    assert next(iter(derived(f, "A" if "A" in f else "W", []).names)) == f"{letter}_1"


def test_a_loss_above_two_hidden_layers_is_not_nested_deeply() -> None:
    found = derived(r"-y^T\log\operatorname{softmax}(W_3\sigma(W_2\sigma(W_1x)))", "W_1", ["y: one-hot"])
    assert not found.working.question.introduced and list(found.names) == ["z_1", "z_2", "z_3"]


@pytest.mark.parametrize("target", ["numpy", "julia"])
def test_what_stands_at_several_places_is_computed_once(target: str) -> None:
    source = derived(r"a^TX^{-1}b", "X", []).to_python(target)
    assert source.count("inv(X)") == 1 and "inv_X = " in source


def test_gradients_in_the_numerator_layout_are_named_too() -> None:
    f, variable, where = residual(4)
    found = derived(f, variable, [*where, "gradient-layout: numerator"])
    assert found.check.ok and len(found.working.chain) == 4


def test_a_gradient_within_a_structure_keeps_the_names() -> None:
    f, variable, where = residual(5)
    found = derived(f, variable, [*where, "structured", "W_1: symmetric"])
    assert found.check.ok and len(str(found.gradient)) < 500
    assert "grad_h_1 = " in found.to_python()


if __name__ == "__main__":
    for one in ("md", "zh.md", "tex", "numpy"):
        (GOLDEN / f"networks.{one}").write_text(written(one), encoding="utf-8")
