r"""LaTeX: the scanner of its markers, one linear pass that knows comments, verbatim text, conditionals and math."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from ..errors import DeriveError, ParseError, Span
from ..latex.environments import (
    DEFINING,
    DRAWINGS,
    FORMULAS,
    ITEMS,
    PICTURES,
    SETTING_MATH,
    STRUCTURE,
    TAKING_AN_ARGUMENT,
    VERB,
    VERBATIM,
    pattern,
)
from ..latex.macros import macro_at
from .context import Clause, clauses_of_comment
from .formulas import LONGEST as LONGEST_FORMULA
from .formulas import SourceFormula
from .latex_regions import block, comment, inline, regions
from .lines import lines_of
from .marker import MARKER_START, read_marker
from .model import Marker
from .scan import MarkerSite, Scan, amid_drawing, amid_math
from .syntax import PageSyntax

_SIGN = rf"""(?P<sign>
    (?P<comment>%[^\r\n]*)
    | \\(?P<step>begin|end)[ \t]*\{{(?P<name>[^{{}}\r\n]*)\}}
    | (?P<verb>\\(?:{VERB})(?=[^\sA-Za-z*]))
    | (?P<false>\\iffalse(?![A-Za-z]))
    | (?P<derive>\\derive(?![A-Za-z]))
    | (?P<macro>\\(?:{DEFINING})(?![A-Za-z]))
    | (?P<math>\$\$?|\\[()\[\]])
    | (?P<blank>(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r(?!\n)|\n))
    | \\[A-Za-z]+ | \\.? | [\r\n]
    )"""
"""What may matter."""
_MACRO = rf"""
    \\(?!begin|end|verb|lstinline|mintinline|iffalse|derive|{DEFINING}|[()\[\]])
    (?:[A-Za-z]++|.)
    """
_FORMULA = rf"\$ (?!\$) (?: [^%$\\\r\n]++ | {_MACRO} )*+ \$"
_IN_TEXT = re.compile(rf"(?: [^%$\\]++ | {_MACRO} | {_FORMULA} )*+ {_SIGN}", re.VERBOSE | re.DOTALL)
_BREAKING = re.compile(r"(?:<[^<>]*>)?(?:\[<[^\]]*\])?\[[^\]]*\ballowframebreaks\b")
_IN_MATH = re.compile(rf"(?: [^%$\\\r\n]++ | {_MACRO} )*+ {_SIGN}", re.VERBOSE | re.DOTALL)
"""The next sign that may matter, behind all that does not: where no math is open, nor do whole formulas."""
_CONDITIONAL = re.compile(
    r"%[^\r\n]*|\\(?:(?P<fi>fi)|(?P<other>else)|(?P<if>if(?!f(?![a-z])|then)[a-z]*))(?![A-Za-z])|\\.", re.S
)
_CONTEXT = re.compile(r"%+[ \t]*mdderive:(?P<clauses>.*)")
_UNSKIPPABLE = re.compile(
    r"(?P<bad>\\(?:fi|else|or|if(?!f(?![A-Za-z]))[a-z]*)(?![A-Za-z]))|(?P<percent>%)|(?P<open>\{)|(?P<close>\})|\\.",
    re.DOTALL,
)
_ANCHOR = re.compile(r"% (?:mdderive .*\\derive|/mdderive )")
_ITEM = re.compile(rf"[ \t]*\\(?:{ITEMS})(?![A-Za-z])[ \t]*(?:<[^>\r\n]*>)?[ \t]*(?:\[[^\]\r\n]*\])?[ \t]*")
_REST = re.compile(r"[ \t]*(?:%[^\r\n]*)?(?=[\r\n]|\Z)")
_ARGUMENTS = r"(?:[ \t]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\[[^\]]*\]|<[^>]*>))*"
_ARGUMENT = re.compile(r"[ \t]*(?:\[[^\]\r\n]*\])?[ \t]*(?:\{[^{}\r\n]*\})?")
_STRUCTURE = re.compile(rf"(?:[ \t]*\\(?:{STRUCTURE})\*?(?![A-Za-z]){_ARGUMENTS})+[ \t]*(?:%.*)?")
_STRUCTURE_START = re.compile(rf"[ \t]*\\(?:{STRUCTURE})\*?(?![A-Za-z])")
_FORMULA_SIGN = re.compile(
    rf"""(?P<comment>(?<!\\)%[^\r\n]*)
    | \\begin\{{(?P<verbatim>(?:{"|".join(sorted(VERBATIM | DRAWINGS))})\*?)\}}
    | (?P<verb>\\(?:verb\*?|lstinline)(?P<sign>[^\sA-Za-z*]).*?(?P=sign))
    | (?P<macro>\\(?:{DEFINING})(?![A-Za-z]))
    | (?P<false>\\iffalse(?![A-Za-z]))
    | (?P<end>\\end\{{document\}})
    | {pattern(FORMULAS)}
    | (?P<sign2>\$\$?|\\[(\[])
    | \\.""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS = re.compile(r"\s*")
_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*")
LONGEST_LEAD = 1000
"""More characters than this before a marker on its line are no indentation; a limit keeps the scan linear."""

_PARTNER = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}


def scan(text: str) -> Scan:
    """Return what stands in the LaTeX page `text`."""
    return _LatexScanner(text).run()


class _LatexScanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = lines_of(text)
        self.sites: list[MarkerSite] = []
        self.clauses: list[Clause] = []
        self.ignored: list[tuple[int, str]] = []
        self.anchors: list[int] = []
        self.environments: list[str] = []
        self.open = Counter[str]()
        self.math: tuple[str, int, int] | None = None  # the delimiter, where it begins, and where its inside begins
        self.math_environments = 0
        self.breaks = False  # whether the frame that is open goes on where a slide is full

    def run(self) -> Scan:
        """Return what stands in the page."""
        position: int | None = 0
        while position is not None and (match := (_IN_MATH if self.math else _IN_TEXT).match(self.text, position)):
            position = self._step(match)
        return Scan(tuple(self.sites), tuple(self.clauses), tuple(self.ignored), frozenset(self.anchors))

    def _step(self, match: re.Match[str]) -> int | None:
        """Return where to go on after one sign; None at the end of the document."""
        end = match.end()
        if match["comment"]:
            return self._comment(match)
        if match["step"] == "begin":
            return self._begin(match)
        if match["step"]:
            return self._end(match)
        if match["verb"]:
            return self._skip_to(end, self._verb_end(end), r"\verb")
        if match["false"]:
            return self._skip_to(end, self._end_of_conditional(end), r"\iffalse")
        if match["derive"]:
            return self._marker(match.start("sign"))
        if match["macro"]:
            return self._macro(match)
        if match["math"]:
            self._math_sign(match)
        elif match["blank"]:
            self.math = None
            return end - 1  # the second line end may begin another blank line
        return end

    def _comment(self, match: re.Match[str]) -> int:
        context = _CONTEXT.fullmatch(match["comment"])
        if context:
            start = match.start("sign") + context.start("clauses")
            self.clauses += clauses_of_comment(self.text, start, match.end())
        if _ANCHOR.match(match["comment"]):
            self.anchors.append(match.start("sign"))
            return match.end()
        return self._skip_to(match.start("sign"), match.end(), "a comment")

    def _macro(self, match: re.Match[str]) -> int:
        """Note a definition, and return where it ends: what it holds counts where the macro is used."""
        found = macro_at(self.text, match.start("sign"))
        if found is None or MARKER_START.search(self.text, match.start("sign"), found[0]):
            return match.end()
        self.clauses.append(Clause(found[1].latex, match.start("sign"), found[0], found[1]))
        return found[0]

    def _begin(self, match: re.Match[str]) -> int:
        name = match["name"].strip()
        if name.rstrip("*") in VERBATIM:
            close = self.text.find(f"\\end{{{match['name']}}}", match.end())
            return self._skip_to(match.end(), close if close >= 0 else len(self.text), name)
        self.environments.append(name)
        self.open[name] += 1
        if name == "frame":
            self.breaks = _BREAKING.match(self.text, match.end()) is not None
        self.math_environments += name.rstrip("*") in SETTING_MATH
        return match.end()

    def _end(self, match: re.Match[str]) -> int | None:
        name = match["name"].strip()
        if name == "document":
            self._skip_to(match.end(), len(self.text), r"what follows \end{document}")
            return None
        while self.open[name]:
            last = self.environments.pop()
            self.open[last] -= 1
            self.math_environments -= last.rstrip("*") in SETTING_MATH
            if last == name:
                break
        return match.end()

    def _math_sign(self, match: re.Match[str]) -> None:
        sign = match["math"]
        if self.math is None:
            self.math = (sign, match.start("sign"), match.end()) if sign in _PARTNER else None
        elif _PARTNER[self.math[0]] == sign or (sign == "$$" and self.math[0] == "$"):
            self.math = None

    def _verb_end(self, start: int) -> int:
        line_end = self.lines.ends[self.lines.number(start)]
        sign = self.text[start : start + 1]
        close = self.text.find("}" if sign == "{" else sign, start + 1, line_end) if sign else -1
        return close + 1 if close >= 0 else start

    def _end_of_conditional(self, start: int) -> int:
        depth = 1
        for match in _CONDITIONAL.finditer(self.text, start):
            depth += bool(match["if"]) - bool(match["fi"])
            if depth == 0 or (depth == 1 and match["other"]):
                return match.end()
        return len(self.text)

    def _skip_to(self, start: int, end: int, why: str) -> int:
        self.ignored += [(match.start(), why) for match in MARKER_START.finditer(self.text, start, end)]
        return end

    def _marker(self, start: int) -> int:
        """Add the marker that begins at `start`, if one does, and return where to go on."""
        if not MARKER_START.match(self.text, start):
            return start + len(r"\derive")
        try:
            marker = read_marker(self.text, start, has_links=False)
        except DeriveError as error:
            self.sites.append(MarkerSite(start, start + len(r"\derive"), start, None, error))
            return start + len(r"\derive")
        end = start + len(marker.source)
        if self.math is None and not self.math_environments:
            self.sites.append(self._site(start, end, start, marker))
            return end
        around = None if self.math_environments else self._math_around(start, end)
        if around is None:
            environment = next((x for x in reversed(self.environments) if x.rstrip("*") in SETTING_MATH), "")
            self.sites.append(MarkerSite(start, end, start, None, amid_math(start, end, environment)))
            return end
        self.math = None
        self.sites.append(self._site(*around, start, marker))
        return around[1]

    def _math_around(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where the math begins and ends in which the marker stands alone."""
        assert self.math is not None
        sign, outside, inside = self.math
        close = _skip_blanks(self.text, end)
        alone = _skip_blanks(self.text, inside) == start and self.text.startswith(_PARTNER[sign], close)
        return (outside, close + len(_PARTNER[sign])) if alone else None

    def _site(self, start: int, end: int, origin: int, marker: Marker) -> MarkerSite:
        """Return the site of what stands at `start` to `end`, a block if it is alone in its paragraph."""
        first, last = self.lines.number(start), self.lines.number(end)
        indentation = self._indentation(self.lines.starts[first], start)
        if indentation is None or not _REST.match(self.text, end) or not self._is_paragraph(first, last, start):
            error = _unskippable(self.text, start, end)
            return MarkerSite(start, end, origin, None if error else marker, error)
        if picture := next((x for x in reversed(self.environments) if x.rstrip("*") in PICTURES), ""):
            return MarkerSite(start, end, origin, None, amid_drawing(start, end, picture))
        environment = self.environments[-1] if self.environments else ""
        return MarkerSite(
            start, self.lines.ends[last], origin, marker, None, False,
            prefix=indentation, environment=environment, slide=self.open["frame"] > 0 and not self.breaks,
        )  # fmt: skip

    def _indentation(self, line_start: int, start: int) -> str | None:
        r"""Return the blanks that begin the line, None if more than an `\item` stands before `start`."""
        if start - line_start > LONGEST_LEAD:
            return None
        before = self.text[line_start:start]
        if before.strip(" \t") and not _ITEM.fullmatch(before):
            return None
        return before[: len(before) - len(before.lstrip(" \t"))]

    def _is_paragraph(self, first: int, last: int, start: int) -> bool:
        """Return whether the lines `first` to `last` are a paragraph of their own."""
        item = bool(self.text[self.lines.starts[first] : start].strip(" \t"))
        above = item or self._parts(range(first - 1, -1, -1), _STRUCTURE.fullmatch)
        return above and self._parts(range(last + 1, len(self.lines)), _STRUCTURE_START.match)

    def _parts(self, numbers: range, structure: Callable[[str], object]) -> bool:
        """Return whether the first of the lines that is no comment parts two paragraphs."""
        for number in numbers:
            line = self.lines[number]
            if not line.lstrip().startswith("%"):
                return not line.strip(" \t") or bool(structure(line))
        return True


def _skip_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _unskippable(text: str, start: int, end: int) -> ParseError | None:
    r"""Return an error if `\iffalse` could not skip the marker."""
    depth = 0
    for match in _UNSKIPPABLE.finditer(text, start, end):
        depth += bool(match["open"]) - bool(match["close"])
        if match["bad"] or match["percent"] or depth < 0:
            break
    else:
        return None
    message = "this marker cannot stand in a sentence: LaTeX could not skip it behind its result"
    return ParseError("E104", message, Span("page", match.start(), match.end()), "put it into a paragraph of its own")


_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")


def formulas(text: str) -> Iterator[SourceFormula]:
    """Yield the formulas of the LaTeX page `text`."""
    position = 0
    while match := _FORMULA_SIGN.search(text, position):
        position = match.end()
        if match["end"]:
            return
        if match["verbatim"]:
            position = _behind(text, f"\\end{{{match['verbatim']}}}", position)
        elif match["false"]:
            position = _behind(text, r"\fi", position)
        elif match["macro"]:
            found = macro_at(text, match.start())
            position = found[0] if found else position
        elif match["name"] or match["sign2"]:
            closing = f"\\end{{{match['name']}}}" if match["name"] else _PARTNER[match["sign2"]]
            if (match["name"] or "").rstrip("*") in TAKING_AN_ARGUMENT:
                position = _behind_argument(text, position)
            inside = _stop(text, closing, position)
            if inside is None:
                continue
            if inside - position <= LONGEST_FORMULA:
                latex = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[position:inside])
                display = match["sign2"] not in ("$", r"\(")
                yield SourceFormula(latex, match.start(), inside + len(closing), ((0, position),), display)
            position = inside + len(closing)


def _stop(text: str, closing: str, start: int) -> int | None:
    """Return where the delimiter `closing` stands, None if a blank line or the end of the page comes first."""
    found = re.compile(rf"(?<!\\){re.escape(closing)}").search(text, start)
    if found is None:
        return None
    if closing.startswith("\\end") or closing == r"\]":
        return found.start()
    return None if _BLANK_LINE.search(text, start, found.start()) else found.start()


def _behind_argument(text: str, start: int) -> int:
    """Return where `{2}` or `[t]{rCl}` ends that stands behind the beginning of an environment."""
    found = _ARGUMENT.match(text, start)
    return found.end() if found else start


def _behind(text: str, closing: str, start: int) -> int:
    place = text.find(closing, start)
    return len(text) if place < 0 else place + len(closing)


SYNTAX = PageSyntax(
    scan=scan,
    regions=regions,
    formulas=formulas,
    block=block,
    inline=inline,
    comment=comment,
    remark=("% ", ""),
    heading=re.compile(r"\\(?:chapter|(?:sub)*section|frametitle|begin\{(?:frame|exercise|problem|question)\})"),
)
