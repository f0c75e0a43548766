"""The house keeps its shape: few rooms, short modules, one row an operator, and a page that names every module."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from groups import BY_PARAMETER, TOGETHER, group_of
from places import ROOT

PACKAGE = ROOT / "mdderive"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

LINES = {"module": 600, "class": 250, "function": 60}
ASKS = 60
NO_NAMES: frozenset[str] = frozenset(("linting/readings.py", "linting/statements.py", "question/clauses.py"))
"""Modules whose patterns look for vec of a matrix, for words in roman type and for the real numbers, not at letters."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def lengths() -> Iterator[tuple[str, str, int]]:
    """Yield (name, what it is, lines) of every module, class and function."""
    for path in MODULES:
        yield place(path), "module", path.read_text(encoding="utf-8").count("\n")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                what = "class" if isinstance(node, ast.ClassDef) else "function"
                yield f"{place(path)}: {node.name}", what, (node.end_lineno or 0) - node.lineno + 1


def asks(path: Path) -> set[int]:
    """Return the lines that compare an operator with one or some, or that look at its name."""

    def is_operator(x: ast.expr) -> bool:
        if isinstance(x, ast.Attribute) and x.attr == "name":
            return is_operator(x.value)
        return (x.attr if isinstance(x, ast.Attribute) else getattr(x, "id", "")) == "operator"

    def compares(x: ast.AST) -> bool:
        if not isinstance(x, ast.Compare) or any(getattr(y, "value", ...) is None for y in x.comparators):
            return False
        return any(map(is_operator, (x.left, *x.comparators)))

    def is_named(x: ast.AST) -> bool:
        return isinstance(x, ast.Attribute) and x.attr == "name" and is_operator(x)

    return {x.lineno for x in ast.walk(tree(path)) if isinstance(x, ast.expr) and (compares(x) or is_named(x))}


def test_the_root_is_small() -> None:
    modules = sorted(path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py")
    assert len(modules) <= 4, modules
    assert len(ROOMS) <= 12, ROOMS


def test_nothing_is_too_long() -> None:
    over = {name: lines for name, what, lines in lengths() if lines > LINES[what]}
    assert not over, f"longer than {LINES}: {over}"


def test_few_ask_which_operator_it_is() -> None:
    """What is known of an operator stands in its row; who asks for one knows something that the row does not say."""
    outside = [path for path in MODULES if "algebra/operators" not in place(path)]
    found = Counter({place(path): len(asks(path)) for path in outside})
    assert found.total() <= ASKS, found.most_common(12)


LETTER = re.compile(r"math(bf|cal|rm|bb)|\\\\?(hat|bar|tilde|vec|dot)\b|boldsymbol")
"""What a pattern has that takes a letter with its face or accent apart."""


def test_names_are_taken_apart_in_one_place() -> None:
    found = {
        place(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and any(LETTER.search(ast.unparse(x)) for x in node.args[:1])
    }
    assert found <= NO_NAMES | {"latex/names.py"}, sorted(found)


def test_a_name_of_a_class_is_used_once() -> None:
    found = Counter(node.name for path in MODULES for node in tree(path).body if isinstance(node, ast.ClassDef))
    twice = {name for name, count in found.items() if count > 1}
    assert not twice, sorted(twice)


def test_the_order_of_the_rooms_has_few_layers() -> None:
    (root,) = (x for x in CONTRACTS if x.get("containers") == ["mdderive"])
    assert len(root["layers"]) <= 12


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_a_contract(room: str) -> None:
    """A room of one or two modules needs none."""
    inside = [path for path in MODULES if place(path).startswith(f"{room}/")]
    held = {module.removeprefix("mdderive.") for x in CONTRACTS for module in x.get("containers", x.get("modules", ()))}
    assert room in held or len(inside) < 3, f"{room} has {len(inside)} modules and no contract in pyproject.toml"


def test_the_page_on_the_architecture_names_every_module() -> None:
    table = ARCHITECTURE.partition("## The rooms")[2].partition("\n## ")[0]
    named = set()
    room = ""
    for line in table.splitlines():
        if heading := re.match(r"### `(\w+)/`|### At the root", line):
            room = f"{heading[1]}/" if heading[1] else ""
        elif row := re.match(r"- ((?:`[\w/]+\.py`(?:, )?)+)", line):
            named |= {room + name for name in re.findall(r"`([\w/]+\.py)`", row[1])}
    there = {place(path) for path in MODULES} | {"__main__.py"}
    assert named == there, f"not named: {sorted(there - named)}; named and not there: {sorted(named - there)}"


def test_tests_that_share_what_takes_long_go_to_one_worker() -> None:
    """The scheduler is asked by the names of tests; a mark was lost with a new pytest, and every worker built all."""
    for file in TOGETHER:
        assert (ROOT / "tests" / file).is_file()
        assert group_of(f"tests/{file}::test_a") == group_of(f"tests/{file}::test_b[1280]")
    for file in BY_PARAMETER:
        assert group_of(f"tests/{file}::test_a[numbers]") == group_of(f"tests/{file}::test_b[numbers]")
        assert group_of(f"tests/{file}::test_a[numbers]") != group_of(f"tests/{file}::test_a[vectors]")
    assert group_of("tests/test_a.py::test_a") != group_of("tests/test_a.py::test_b")
