"""All measurements in one run: `make bench` prints the table and writes results.json and docs/benchmarks.md.

`python benchmarks/report.py --quick` measures a little of each, without peers, and writes nothing;
`--page` writes the page anew from the results that are kept.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "benchmarks.md"
SIDES = ["mdderive", "mdderive, unchecked", "sympy", "sympy, development", "jax", "jax, compiled", "torch"]
HEADS = {
    "mdderive": "mdderive, checked",
    "mdderive, unchecked": "gradient alone",
    "sympy": "SymPy",
    "sympy, development": "SymPy, development",
    "jax": "jax.grad",
}
INTRODUCTION = """\
# Benchmarks

`make bench` takes these measurements, writes them to `benchmarks/results.json`, and makes this page from them.
All sides take turns in one run. Each figure is the median of the turns. On another machine the figures differ;
look at the ratios.

"""
DERIVATION = """\
## Derivation

Milliseconds ({clock}) for one gradient, and whether it is right, as finite differences say. *mdderive, checked* goes
from the LaTeX to a worked solution of which every line is checked. *Gradient alone* starts from the expression as it
was read and checks nothing, as SymPy's `diff` does of the best spelling that keeps the matrices. jax and torch are
warm; they give numbers, no formula.

"""


def measure(quick: bool) -> dict[str, Any]:
    """Return all measurements."""
    import derivation
    import documents
    import scaling
    from measure import machine

    if quick:
        return {
            "machine": machine(),
            "derivation": derivation.measure(SIDES[:2], 1, 2),
            "scaling": scaling.measure(1, 4),
            "pages": documents.pages(1, 3_000),
            "commands": documents.commands(1, 20, 6),
        }
    return {
        "machine": machine(),
        "derivation": derivation.measure(SIDES, 5),
        "scaling": scaling.measure(3),
        "pages": documents.pages(5),
        "commands": documents.commands(7),
        "site": documents.site(),
    }


def page(results: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    derived, commands = results["derivation"], results["commands"]
    sides = [name for name in SIDES if name in derived["versions"]]
    text = INTRODUCTION + _machine(results["machine"], derived) + DERIVATION.format(clock=derived["clock"])
    rows = []
    for row in derived["rows"]:
        ours = _cell(row, "mdderive")
        alone = _number(row["ms"].get("mdderive, unchecked"))
        rows.append([_code(row["f"]), _code(row["by"]), ours, alone, *(_cell(row, n) for n in sides[2:])])
    right = [f"{derived['right'][n]} right, {derived['wrong'][n]} wrong" for n in sides]
    rows.append(["all", "", right[0], "", *right[2:]])
    text += _table(["f", "by", *(HEADS.get(n, n) for n in sides)], rows)
    for peer, sides_of_ours in derived["against"].items():
        for ours, x in sides_of_ours.items():
            of_peer = f"{HEADS[peer]} ({derived['versions'][peer]})"
            text += (
                f"\nWhere {of_peer} is right, *{HEADS[ours]}* is {x['low']} to {x['high']} times as fast for the"
                f" middle half of the functions (median {x['median']}), and {x['least']} to {x['greatest']} times for"
                " all.\n"
            )
    text += "\n## Growth\n\nThe time of a checked derivation grows like the size to the power of:\n\n"
    grown = []
    for name, one in results["scaling"].items():
        largest, ms = list(one["ms"].items())[-1]
        grown.append([name, largest, _number(ms), str(one["exponent"]), str(one["exponent from 8 on"])])
    text += _table(["size", "largest", "ms there", "exponent", "from 8 on"], grown)
    text += "\n## Pages\n\nMilliseconds for 100 kB of text, and for each marker in it:\n\n"
    text += _table(
        ["work", "page", "marker"], [[n, _number(x["page"]), f"{x['marker']:.3f}"] for n, x in results["pages"].items()]
    )
    text += "\n## Commands\n\nWhole processes, with their peak memory:\n\n"
    bare = commands["python -c pass"]["ms"]
    text += _table(
        ["command", "ms", "bare Python = 1", "peak MB"],
        [[n, _number(x["ms"]), _number(x["ms"] / bare), f"{x['peak MB']:.0f}"] for n, x in commands.items()],
    )
    first = commands["first derivation"]["ms"] / commands["import numpy"]["ms"]
    text += f"\nA first derivation in a new process takes {_number(first)} times as long as `import numpy`.\n"
    if "site" in results:
        text += "\n## A site\n\nSeconds that MkDocs needs for 60 pages, without markers and with five on each page:\n\n"
        text += _table(["build", "s"], [[n, _number(x)] for n, x in results["site"].items()])
    text += "\n## Memory\n\nPeak of the processes that differentiate, in MB:\n\n"
    return text + _table(["side", "MB"], [[HEADS.get(n, n), f"{x:.0f}"] for n, x in derived["peak MB"].items()])


def _machine(machine: dict[str, Any], derived: dict[str, Any]) -> str:
    known = {n: v for n, v in derived["versions"].items() if "," not in n} | machine["tools"]
    versions = [f"{n} {v}" for n, v in known.items()]
    missing = "".join(f"; {n} not installed" for n in derived["missing"])
    where = f"{machine['processor']}, {machine['processors']} processors, {machine['system']}"
    return f"Last taken on: {where}, Python {machine['python']}. Versions: {', '.join(versions)}{missing}.\n\n"


def _cell(row: dict[str, Any], side: str) -> str:
    verdict, ms = row["verdict"][side], row["ms"].get(side)
    return verdict if ms is None or verdict == "cannot" else f"{_number(ms)} {verdict}"


def _number(x: float | None) -> str:
    return "" if x is None else f"{x:.2f}" if x < 1 else f"{x:.1f}" if x < 100 else f"{x:.0f}"


def _code(latex: str) -> str:
    return f"`{latex}`".replace("|", r"\|")


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    kept = options.page and not options.quick
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if kept else measure(options.quick)
    text = page(results)
    print(text)
    if not options.quick:
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
