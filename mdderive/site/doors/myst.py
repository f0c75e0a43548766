r"""An executable plugin for MyST, and so for Jupyter Book 2: the directive `derive` and the role `derive`.

    project:
      plugins:
        - {type: executable, path: mdderive-myst}

The path is that of a file: of the program, or of a link to it beside myst.yml.
The body of the directive and of the role is a marker, `\derive<f><X>[clauses]`. MyST calls the program without
arguments for what it offers, and with `--directive` or `--role` for one use, given as JSON on stdin.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from ...api import solution_blocks
from ...documents.marker import read_marker
from ...errors import DeriveError
from ...render.blocks import Block, Display, Prose
from ...render.formula import split_math
from ...render.markdown import aligned, formula_lines
from ...render.notation import in_signs_throughout, signs_of
from ...render.prose import result

_BODY = {"type": "string", "doc": r"\derive<f><X>[clauses]"}
OFFERS = {
    "name": "mdderive",
    "directives": [
        {
            "name": "derive",
            "doc": "A worked, numerically checked derivation of the marker in its body.",
            "body": _BODY,
        }
    ],
    "roles": [{"name": "derive", "doc": "The gradient alone.", "body": _BODY}],
}


USAGE = """usage: mdderive-myst [--directive NAME | --role NAME]

An executable plugin for MyST: without arguments it prints what it offers; with one of these it reads one use of the
directive or the role from stdin, as JSON, and prints its nodes. MyST calls it; see docs/how-to/other-tools.md.
"""


def main() -> None:
    """Answer one call of MyST."""
    if len(sys.argv) < 2:
        print(json.dumps(OFFERS))
        return
    if sys.argv[1] in ("-h", "--help"):
        print(USAGE, end="")
        return
    if sys.argv[1] not in ("--directive", "--role"):
        print(f"mdderive-myst: unknown argument {sys.argv[1]}\n{USAGE}", end="", file=sys.stderr)
        sys.exit(2)
    data = json.load(sys.stdin)
    print(json.dumps(_nodes(str(data.get("body", "")), inline=sys.argv[1] == "--role"), ensure_ascii=False))


def _nodes(body: str, *, inline: bool) -> list[dict[str, Any]]:
    try:
        text = body.strip()
        marker = read_marker(text, 0)
        working, blocks = solution_blocks(marker.f, marker.variable, marker.where)
    except DeriveError as error:
        print(f"mdderive: {error.code} {error} in {body.strip()}", file=sys.stderr)
        return [{"type": "inlineCode" if inline else "code", "value": f"{error.code} {error}"}]
    if inline:
        nodes = [{"type": "inlineMath", "value": result(working, working.question.variables)}]
    else:
        nodes = list(map(_node, blocks))
    return cast("list[dict[str, Any]]", in_signs_throughout(nodes, signs_of(working.question, working=working)))


def _node(block: Block) -> dict[str, Any]:
    if isinstance(block, Prose):
        words = _words(block.text)
        if block.remark:
            words = [{"type": "emphasis", "children": words}]
        bold, between = block.heading
        lead = [{"type": "strong", "children": _words(bold)}, _text(between)] if bold else []
        return {"type": "paragraph", "children": [*lead, *words]}
    lines = formula_lines(list(block.lines), r" \\") if isinstance(block, Display) else aligned(block, r" \\")
    return {"type": "math", "value": lines}


def _words(text: str) -> list[dict[str, Any]]:
    return [{"type": "inlineMath", "value": x} if formula else _text(x) for formula, x in split_math(text)]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "value": text}
