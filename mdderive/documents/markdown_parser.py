"""markdown-it-py with rules of our own: the containers of the usual flavours, markers, comments and math.

It is imported when a page with a marker or a formula is read, not before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from ..errors import DeriveError
from ..latex.environments import MATH, pattern
from .context import front_matter_end
from .lines import LINE_END, Lines
from .markdown_regions import DELIMITERS
from .marker import MARKER_START, read_marker
from .model import Marker
from .scan import amid_math

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_DELIMITER = re.compile(r"(\$\$?|\\[(\[]|\{math\}`(?!`))[ \t\r\n]*")
_OPENING = re.compile(pattern(MATH) + r"|\\\(|\\\[(?=[ \t]*\n)")
"""What opens math beside dollars; a `\\[` that does not end its line may be a bracket that a formatter escaped."""

_FORMS = {opening: form for form, (opening, _) in DELIMITERS.items()}
_LABEL = re.compile(r"\$\$(?P<label>[ \t]*(?:\([^()$]*\)|\{#[^{}$]*\})[ \t]*)$")
"""What names a display behind it: `$$ (eq:one)` of MyST, `$$ {#eq-one}` of Quarto."""
_HOLDING = (
    "admonition|aside|attention|blockquote|card|caution|danger|details|div|dropdown|epigraph|error|exercise(?:-start)?"
    "|figure|grid|grid-item|grid-item-card|highlights|hint|important|margin|note|prf:[a-z]+|pull-quote|seealso|sidebar"
    "|solution(?:-start)?|tab-item|tab-set|tip|topic|warning"
)
_DIRECTIVE = re.compile(rf"(?P<fence>`{{3,}}|~{{3,}})[ \t]*\{{(?:{_HOLDING})\}}[^`\r\n]*")
"""What opens a directive of MyST that holds Markdown; all others are code, or none of ours."""
_OPTION = re.compile(r":[A-Za-z][\w-]*:(?:[ \t]|$)")
_WITH_MARKDOWN = re.compile(
    r"""(?i)<[a-z][\w-]*(?:\s[^<>]*)?\smarkdown(?:\s*=\s*["']?(?:1|block|span)["']?)?(?:\s[^<>]*)?>[ \t]*"""
)
_SUMMARY = re.compile(r"(?i)<summary\b[^<>]*>.*</summary>[ \t]*")
_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]?)[ \t]+\S")
_DIVISION = re.compile(r":{3,}|/{3,}(?=[ \t]+[a-z]|[ \t]*$)")
_PLAIN_LINE = r"(?:[^\W\d_]|\\|\$(?!\$))[^\n]*"
_PLAIN = re.compile(rf"{_PLAIN_LINE}(?:\n{_PLAIN_LINE})*+(?=\n[ \t]*(?:\n(?![ \t]*[:~])|\Z)|\Z)")
"""A paragraph of which no line begins with what opens, closes or underlines anything; it is no term to be defined."""


_INTERRUPTING: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
"""What a block of ours may follow without a blank line."""


@dataclass(slots=True)
class InlineContent:
    """The inline content of one block, and what the inline rules found in it: (start, end, origin, form, marker)."""

    text: str
    found: list[tuple[int, int, int, str, Marker | DeriveError]] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    math: list[tuple[int, int]] = field(default_factory=list)
    ahead: dict[str, tuple[int, int]] = field(default_factory=dict)

    def next(self, sought: str, start: int) -> int:
        """Return where `sought` stands next at `start` or behind it, the end if nowhere; remembered, to stay linear."""
        since, place = self.ahead.get(sought, (0, -1))
        if not since <= start <= place:
            place = self.text.find(sought, start)
            place = len(self.text) if place < 0 else place
            self.ahead[sought] = (start, place)
        return place


def blocks_of(parser: MarkdownIt, lines: Lines) -> tuple[int, list[Token]]:
    """Return of how many lines the front matter is, and the tokens of the blocks behind it."""
    header = front_matter_end(lines.text)
    skipped = lines.number(header) + 1 if header else 0
    body = lines.starts[skipped] if skipped < len(lines) else len(lines.text)
    source = "\n" * skipped + LINE_END.sub("\n", lines.text[body:]).replace("\0", "\ufffd")
    tokens: list[Token] = []
    parser.block.parse(source, parser, {}, tokens)
    return skipped, tokens


@cache
def marker_parser(nesting: int) -> MarkdownIt:
    """Return a parser with our own inline rules in front."""
    parser = container_parser(nesting)
    for name, rule in (("derive", _derive_rule), ("math", _math_rule), ("comment", _comment_rule)):
        parser.inline.ruler.before("escape", name, rule)
    return parser


def container_parser(nesting: int) -> MarkdownIt:
    """Return a parser that knows the containers of the usual flavours and display math."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": nesting}).enable("table")
    parser.use(deflist_plugin).use(footnote_plugin).disable("footnote_inline")  # what it takes aside has no places
    parser.block.ruler.before("fence", "math_block", _display)
    parser.block.ruler.before("fence", "directive", _directive, _INTERRUPTING)
    parser.block.ruler.before("table", "indented_container", _indented_container, _INTERRUPTING)
    parser.block.ruler.before("table", "division", _division, _INTERRUPTING)
    parser.block.ruler.before("table", "markdown_in_html", _markdown_in_html, _INTERRUPTING)
    parser.block.ruler.before("indented_container", "plain", _plain)  # first of all, to save time
    return parser


def _plain(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read a paragraph at the margin that no other rule could read, as the rule for paragraphs would."""
    if silent or state.level or state.blkIndent or not (match := _PLAIN.match(state.src, state.bMarks[first])):
        return False
    content, end = match[0].rstrip(" \t"), first + match[0].count("\n") + 1
    if end > last or content[-1].isspace():
        return False
    state.push("paragraph_open", "p", 1).map = [first, end]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = content, [first, end], []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _indented_container(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read an admonition or a content tab of MkDocs: a title, and behind it a block indented by four."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not _INDENTED.match(state.src, start, state.eMarks[first]):
        return False
    if silent:
        return True
    indent = state.sCount[first] + 4
    line = end = first + 1
    while line < last and (state.isEmpty(line) or state.sCount[line] >= indent):
        line += 1
        end = end if state.isEmpty(line - 1) else line
    before = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, end, "container"
    state.md.block.tokenize(state, first + 1, end)
    state.blkIndent, state.lineMax, state.parentType = before
    state.line = end
    return True


def _display(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read a display between dollars; a label behind it, as MyST and Quarto have it, becomes the info of its token."""
    number, label = first, None
    for number in range(first, last):
        text = state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()
        if number == first and not text.startswith("$$"):
            return False
        label = _LABEL.search(text, 2 * (number == first))
        if label or not text or (text.endswith("$$") and (number > first or len(text) > 3)):
            break
    line, count, end = state.line, len(state.tokens), state.eMarks[number]
    if label:
        state.eMarks[number] = state.bMarks[number] + state.tShift[number] + label.start("label")
    try:
        found = _unlabelled()(state, first, last, silent)
    finally:
        state.eMarks[number] = end
    if silent:  # the rule leaves a token behind even where it is only asked whether it would
        state.line = line
        del state.tokens[count:]
    elif found and label:
        state.tokens[-1].info = label["label"].strip()
    return found


@cache
def _unlabelled() -> Callable[[StateBlock, int, int, bool], bool]:
    from mdit_py_plugins.dollarmath.index import math_block_dollar

    return math_block_dollar(False, None, True)


def _directive(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read a directive of MyST in a fence, if it is one that holds Markdown: its options are passed over."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not (opening := _DIRECTIVE.fullmatch(state.src[start : state.eMarks[first]])):
        return False
    if silent:
        return True
    closing = re.compile(rf"{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}[ \t]*")
    end = first + 1
    while end < last:
        begin = state.bMarks[end] + state.tShift[end]
        if begin < state.eMarks[end] and state.sCount[end] < state.blkIndent:
            break
        if not state.is_code_block(end) and closing.fullmatch(state.src[begin : state.eMarks[end]]):
            break
        end += 1
    begin = (
        first
        + 1
        + lines_of_options(
            state.src[state.bMarks[k] + state.tShift[k] : state.eMarks[k]] for k in range(first + 1, end)
        )
    )
    before = state.lineMax, state.parentType
    state.lineMax, state.parentType = end, "container"
    state.md.block.tokenize(state, begin, end)
    state.lineMax, state.parentType = before
    state.line = min(end + 1, last)
    return True


def lines_of_options(lines: Iterable[str]) -> int:
    """Return how many lines at the beginning of a directive are its options: `:key: value`, or YAML between `---`."""
    count, fenced = 0, False
    for line in lines:
        if count == 0 and line.strip() == "---":
            fenced = True
        elif fenced and line.strip() == "---":
            return count + 1
        elif not fenced and not _OPTION.match(line):
            break
        count += 1
    return 0 if fenced else count


def _division(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read the first or last line of a `:::` division or a `///` block; what stands within is read as without it."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not _DIVISION.match(state.src, start, state.eMarks[first]):
        return False
    if not silent:
        state.line = first + 1
    return True


def _markdown_in_html(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read the tag of an element that says that Markdown stands in it, and a summary behind it."""

    def line(number: int) -> str:
        return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]

    if state.is_code_block(first) or not _WITH_MARKDOWN.fullmatch(line(first)):
        return False
    if not silent:
        state.line = first + 1
        if state.line < last and _SUMMARY.fullmatch(line(state.line)):
            state.line += 1
    return True


def _derive_rule(state: StateInline, silent: bool) -> bool:
    content = state.env.get("mdderive")
    if state.src[state.pos] != "\\" or content is None or content.text is not state.src:
        return False
    start = state.pos
    if not MARKER_START.match(state.src, start):
        return False
    found: Marker | DeriveError
    try:
        found = read_marker(state.src, start)
        end = start + len(found.source)
    except DeriveError as error:
        opening = error.span.start + 1 if error.span else 0  # no link or tag may begin at what is not closed
        found, end = error, max(start + len(r"\derive"), opening)
    if not silent:
        content.found.append((start, end, start, "", found))
    state.pos = end
    return True


def _math_rule(state: StateInline, silent: bool) -> bool:
    from mdit_py_plugins.dollarmath.index import math_inline_dollar

    content = state.env.get("mdderive")
    start = state.pos
    if state.src[start] not in "$\\{" or content is None or content.text is not state.src:
        return False
    alone = _alone_in_math(state.src, start)
    if alone:
        end, origin, form, marker = alone
        if not silent:
            content.found.append((start, end, origin, form, marker))
        state.pos = end
        return True
    opening = _OPENING.match(state.src, start)
    name = (opening and opening["name"]) or ""
    if opening:
        closing = f"\\end{{{name}}}" if name else {r"\(": r"\)", r"\[": r"\]"}[opening[0]]
        end = content.next(closing, opening.end()) + len(closing)
        if end > len(state.src) or content.next(r"\derive", start) >= end:
            return False  # without a marker, what it is does not matter
        state.pos = end
    elif state.src[start] != "$" or not math_inline_dollar(False, False, True)(state, silent):
        return False
    if not silent:
        content.math.append((start, state.pos))
        for match in MARKER_START.finditer(state.src, start, state.pos):
            end = match.end() - 1
            content.found.append((match.start(), end, match.start(), "", amid_math(match.start(), end, name)))
    return True


def _alone_in_math(text: str, start: int) -> tuple[int, int, str, Marker] | None:
    """Return (end, origin, form, marker) of a marker that stands alone between the delimiters of math."""
    opening = _DELIMITER.match(text, start)
    if opening is None or not MARKER_START.match(text, opening.end()):
        return None
    try:
        marker = read_marker(text, opening.end())
    except DeriveError:
        return None
    form = _FORMS[opening[1]]
    closing = re.compile(rf"[ \t\r\n]*{re.escape(DELIMITERS[form][1])}").match(text, opening.end() + len(marker.source))
    return (closing.end(), opening.end(), form, marker) if closing else None


def _comment_rule(state: StateInline, silent: bool) -> bool:
    """Note where a comment begins; what it is, the rule for HTML says."""
    content = state.env.get("mdderive")
    if silent or content is None or content.text is not state.src:
        return False
    if state.src.startswith("<!--", state.pos):
        content.comments.append(state.pos)
    return False


@cache
def formula_parser() -> MarkdownIt:
    """Return a parser for which display math may follow a line of text."""
    parser = container_parser(100)
    parser.block.ruler.at("math_block", _display, _INTERRUPTING)
    return parser
