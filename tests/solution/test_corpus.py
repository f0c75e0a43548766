"""Published derivatives, each with its source: the answer equals the published one at random points, or is refused.

An answer that differs is the one thing that must never happen. What is refused is listed with its code, so that a
change in either direction is seen. `published.jsonl` and `mistakes.jsonl` hold facts: the formulas as their authors
wrote them, with numpy code of the answers; the mistakes were published as such and must be refuted.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from corpus_names import NAMES
from lines_read_back import misread_lines
from places import CORPUS

import mdderive

Entry = dict[str, Any]
FOLDER = CORPUS
GRADIENTS = ("scalar/matrix", "scalar/vector", "scalar/scalar")
SIZES = dict(
    zip("mnpqklrsdchNMTKDLJgtijHCRPQS", (4, 3, 5, 2, 3, 6, 2, 3, 4, 3, 5, 6, 4, 5, 3, 4, 3, 3, 2, 3), strict=False)
)
SIZES |= {"i": 2, "j": 3, "H": 5, "C": 3, "R": 2, "P": 3, "Q": 4, "S": 4}
WORDS = {
    "positive entries": "positive",
    "positive definite": "SPD",
    "general positive definite": "invertible",
    "probability vector": "probability",
    "psd": "symmetric",
}
SAYABLE = frozenset(("toeplitz", "symmetric toeplitz", "symmetric", "invertible", "diagonal", "orthogonal"))
SAYABLE |= {"one-hot", "positive", "skew-symmetric", "lower triangular", "SPD", "probability"}


def entries(name: str) -> list[Entry]:
    """Return the entries of a file that can be asked of a marker."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if not entry.get("out_of_grammar")]


PUBLISHED = entries("published.jsonl")
MISTAKES = entries("mistakes.jsonl")


# --- the data of an entry ---------------------------------------------------------------------------------------


def python_name(entry: Entry, latex: str) -> str:
    """Return how the answers of the corpus call a letter."""
    known = entry.get("pynames", {}).get(latex)
    if known is not None:
        return str(known)
    fonts = r"\\(mathbf|boldsymbol|bm|mathrm|mathit|pmb|textbf|mathsf|operatorname|text|vec|mathcal|bf|rm)\b\s*"
    text = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(fonts, "", latex).replace("'", "_prime")).strip("_")
    text = f"{text}_" if keyword.iskeyword(text) else text
    return f"c{text}" if text[:1].isdigit() else text


def plain(latex: str) -> str:
    """Return a letter without its font, by which arguments are matched."""
    return re.sub(r"[\s{}]|\\(mathbf|boldsymbol|bm|mathrm|mathit|textbf|mathsf|text|bf|rm)\b", "", latex)


def clauses(entry: Entry) -> list[str]:
    """Return what the marker of an entry says: shapes, properties, and what is asked for."""
    found = []
    for name, shape in entry["shapes"].items():
        words = [WORDS.get(word, word) for word in entry["assume"].get(name, [])]
        said = ["scalar" if shape == "1 x 1" else shape, *(word for word in words if word in SAYABLE)]
        found.append(f"{name}: " + ", ".join(said))
    kind = entry["kind"]
    wish = {"hessian": ["hessian"], "stationary point": ["solve"]}.get(kind, [] if kind in GRADIENTS else ["jacobian"])
    return [*found, *wish, *(["structured"] if entry.get("structured") else [])]


FIXED = {"positive integer": (3, 5), "positive even integer": (4, 5), "integer": (2, 5)}


def draw(rng: np.random.Generator, rows: int, columns: int, words: Sequence[str], scalar: bool) -> Any:
    """Return a random array of that shape with the properties in `words`."""
    for word in words:
        if word in FIXED:
            return int(rng.integers(*FIXED[word]))
        if word.startswith("int "):
            return int(word.split()[1])
        if word.startswith("value "):
            return float(word.split()[1])
    value = rng.standard_normal((rows, columns))
    for word in words:
        value = _with_property(rng, value, word, words)
    return float(value[0, 0]) if scalar else value


def _with_property(rng: np.random.Generator, a: np.ndarray, word: str, words: Sequence[str]) -> np.ndarray:
    m, n = a.shape
    uniform = rng.random((m, n))
    square = rng.standard_normal((m, m))
    definite = square @ square.T / m + 0.6 * np.eye(m)
    if word == "invertible" and not {"symmetric", "positive definite"} & set(words):
        return _invertible(rng, a)
    if word in ("toeplitz", "symmetric toeplitz"):
        column = rng.standard_normal(m)
        return scipy.linalg.toeplitz(column, column if word != "toeplitz" else rng.standard_normal(n))
    makers: dict[str, Any] = {
        "one-hot": lambda: np.eye(m)[:, rng.integers(m, size=n)],
        "one-hot rows": lambda: np.eye(n)[rng.integers(n, size=m)],
        "0/1 entries": lambda: (uniform > 0.4) * 1.0,
        "+-1 entries": lambda: np.where(uniform > 0.5, 1.0, -1.0),
        "probability vector": lambda: (uniform + 0.1) / (uniform + 0.1).sum(0, keepdims=True),
        "columns sum to 1": lambda: (uniform + 0.1) / (uniform + 0.1).sum(0, keepdims=True),
        "rows sum to 1": lambda: (uniform + 0.1) / (uniform + 0.1).sum(1, keepdims=True),
        "positive entries": lambda: uniform * 1.5 + 0.3,
        "positive": lambda: uniform * 1.5 + 0.3,
        "nonnegative entries": lambda: uniform * 1.5 + 0.1,
        "in (0,1)": lambda: uniform * 0.8 + 0.1,
        "symmetric": lambda: (a + a.T) / 2,
        "positive definite": lambda: definite,
        "psd": lambda: definite,
        "general positive definite": lambda: definite + 0.3 * (square - square.T),
        "skew-symmetric": lambda: (a - a.T) / 2,
        "diagonal": lambda: np.diag(np.diag(a)),
        "lower triangular": lambda: np.tril(a) + 1.2 * np.eye(m),
        "orthogonal": lambda: np.linalg.qr(rng.standard_normal((max(m, n), max(m, n))))[0][:m, :n],
        "stable": lambda: 0.6 * a / np.abs(np.linalg.eigvals(a)).max(),
        "unit norm": lambda: a / np.linalg.norm(a),
        "small": lambda: 0.4 * a,
        "near identity": lambda: np.eye(m) + 0.2 * a,
        "identity": lambda: np.eye(m, n),
        "ones": lambda: np.ones((m, n)),
        "zero": lambda: np.zeros((m, n)),
        "centering": lambda: np.eye(m) - np.ones((m, m)) / m,
        "projection": lambda: _projection(np.linalg.qr(square)[0][:, : m - 2]),
        "laplacian": lambda: _laplacian((uniform + uniform.T) / 2),
    }
    return np.asarray(makers[word]() if word in makers else a)


def _projection(basis: np.ndarray) -> np.ndarray:
    return basis @ basis.T


def _laplacian(weights: np.ndarray) -> np.ndarray:
    weights = weights - np.diag(np.diag(weights))
    return np.diag(weights.sum(1)) - weights


def _invertible(rng: np.random.Generator, a: np.ndarray) -> np.ndarray:
    while abs(np.linalg.det(a)) < 0.3 or np.linalg.cond(a) > 30:
        a = rng.standard_normal(a.shape)
    return a[[1, 0, *range(2, len(a))]] if np.linalg.det(a) < 0 and len(a) > 1 else np.abs(a) if len(a) < 2 else a


def values(entry: Entry, rng: np.random.Generator) -> dict[str, Any]:
    """Return random values of all letters of an entry by their Python names."""
    found: dict[str, Any] = {}

    def size(text: str) -> int:
        return int(eval(text, {}, {**SIZES, **entry.get("dims", {})}))

    for name, shape in [*entry["shapes"].items(), *entry.get("consts", {}).items()]:
        rows, columns = map(size, shape.split(" x "))
        words = list(entry["assume"].get(name, []))
        python = python_name(entry, name)
        if name in entry.get("consts", {}):
            first = python[0]
            words = words or ["identity"] * (first == "I") or ["ones"] * ("1" in python) or ["zero"] * ("0" in python)
        if words and words[0].startswith("commutation"):
            found[python] = NAMES["K"](*map(size, words[0].split()[1:]))
            continue
        counts = [size(x) for x in entry.get("indexed", {}).get(name, "").split()]
        found[python] = _members(rng, counts, rows, columns, words, shape == "1 x 1")
    for name, source in entry.get("derived", {}).items():
        found[name] = eval(source, NAMES)(found)
    return found


def _members(
    rng: np.random.Generator, counts: Sequence[int], rows: int, columns: int, words: Sequence[str], scalar: bool
) -> Any:
    if not counts:
        return draw(rng, rows, columns, words, scalar)
    return np.stack([_members(rng, counts[1:], rows, columns, words, scalar) for _ in range(counts[0])])


def assert_equals_the_published_answer(entry: Entry, found: mdderive.Derivation) -> None:
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    published = eval(entry["numpy_answer"], NAMES)
    ours_of = space["solution" if entry["kind"] == "stationary point" else "gradient"]
    letters = {plain(name): python_name(entry, name) for name in [*entry["shapes"], *entry.get("consts", {})]}
    families = {re.sub(r"_[a-z]$", "", latex): name for latex, name in letters.items()}
    for seed in range(3):
        given = values(entry, np.random.default_rng(1000 * seed + sum(map(ord, entry["id"]))))
        arguments = {}
        for latex, argument in found.arguments.items():
            key = plain(latex)
            arguments[argument] = given[letters.get(key) or families[re.sub(r"_[a-z]$", "", key)]]
        with np.errstate(all="ignore"):
            ours, truth = (np.asarray(x, float) for x in (ours_of(**arguments), published(given)))
        assert ours.size == truth.size
        scale = max(1.0, np.abs(truth).max())
        assert np.abs(ours.reshape(-1) - truth.reshape(-1)).max() <= 1e-6 * scale, str(found.gradient)


# --- what is published -------------------------------------------------------------------------------------------

REFUSED: Mapping[str, str] = {
    # their definitions stand in the text around them
    **dict.fromkeys(("zh1-3", "tg-kl", "se-4859719", "prml-4.91", "prml-12.44", "st-reml", "nn-bce"), "E141"),
    **dict.fromkeys(("wp-sv-0", "el-svk"), "E142"),
    # the notation has two meanings, and nothing says which
    "se-edel": "E303",
    "wp-ms-7": "E307",
    **dict.fromkeys(("se-trlogP", "nn-sm-batch", "clip"), "E307"),
    # the vec form of an operator that picks entries
    "sy-arr-2": "E308",
}
"""The entries that are refused, with the code."""

TOLD: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("clip", "nn-sm-batch"), ("softmax: rows",)),
    **dict.fromkeys(("zh1-3", "se-4859719", "prml-12.44", "st-reml", "cs-5", "el-svk"), ()),
    **dict.fromkeys(("so-8-W2", "so-8-b2", "so-8-W1", "so-8-x"), ()),
}
"""What an author has to say beyond shapes, besides the definitions that an entry gives; the answer is then right."""


def derived(entry: Entry, where: Sequence[str]) -> mdderive.Derivation:
    found = mdderive.derive(entry["f"], entry["wrt"], where=where)
    return found[0] if isinstance(found, tuple) else found


@pytest.mark.parametrize("entry", PUBLISHED, ids=[x["id"] for x in PUBLISHED])
def test_it_is_right_or_refused(entry: Entry) -> None:
    if entry["id"] in REFUSED:
        with pytest.raises(mdderive.DeriveError) as caught:
            derived(entry, clauses(entry))
        assert caught.value.code == REFUSED[entry["id"]]
        return
    if entry["id"] in TOLD and "softmax: rows" in TOLD[entry["id"]]:
        return  # see the next test
    found = derived(entry, clauses(entry))
    assert found.check.ok
    assert misread_lines(found) == []
    if entry["id"] in TOLD:
        return  # a function without a definition
    assert_equals_the_published_answer(entry, found)


USED = {"so-8-W2": 1, "so-8-b2": 1, "so-8-W1": 1, "so-8-x": 1}
"""How many of the definitions of an entry f uses; the others only abbreviate the published answer."""


@pytest.mark.parametrize("name", TOLD)
def test_it_is_right_once_the_author_says_what_is_meant(name: str) -> None:
    entry = next(x for x in PUBLISHED if x["id"] == name)
    definitions = [] if "softmax: rows" in TOLD[name] else entry["where"][: USED.get(name)]
    found = derived(entry, [*clauses(entry), *TOLD[name], *definitions])
    assert found.check.ok
    assert_equals_the_published_answer(entry, found)


# --- what was published wrong -------------------------------------------------------------------------------------

UNREADABLE: Mapping[str, str] = {
    "mn-eig-x": "E205",  # an eigenvalue, written as a letter
    "se-1733814-x": "E203",  # row vectors, declared as columns
    "se-edel-x": "E303",  # Y^* may be a name or a transpose
    "web-rnn-x": "",  # an undefined function
}
"""The mistakes whose function is refused, with the code."""


@pytest.mark.parametrize("entry", MISTAKES, ids=[x["id"] for x in MISTAKES])
def test_a_published_mistake_is_refuted_and_the_right_answer_found(entry: Entry) -> None:
    claimed = [*clauses(entry), f"= {entry['published_wrong']}"]
    if UNREADABLE.get(entry["id"]) == "":
        pytest.skip("its function has no definition to compute with")
    if entry["id"] in UNREADABLE:
        with pytest.raises(mdderive.DeriveError) as caught:
            derived(entry, clauses(entry))
        assert caught.value.code == UNREADABLE[entry["id"]]
        return
    found = derived(entry, clauses(entry))
    assert_equals_the_published_answer(entry, found)
    with pytest.raises(mdderive.DeriveError) as caught:
        derived(entry, claimed)
    assert caught.value.code in ("E410", "E203", "E303")
