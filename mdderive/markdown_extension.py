r"""The Python-Markdown extension: bare markers are expanded when a page is built, solutions in the file are dressed.

The page is read as the command line reads it (`documents.page`), so clauses, language and places are the same. Each
marker, and each region with its solution, becomes one word that no Markdown rule touches; where Python-Markdown puts
that word decides what becomes of it: alone in a paragraph a solution, within a text the result, within code the
author's own characters.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX, AtomicString

from .cache import cache_of
from .config import SettingsError, nearest_settings, read_settings
from .diagnostics import problem_text
from .documents.context import front_matter_end, language_of
from .documents.marker import MARKER_START, read_marker
from .documents.model import Marker, Place, Problem, Request
from .documents.page import Entry, Page, read_page
from .documents.region import Region, digest_of_content
from .errors import DeriveError
from .mathml import Typesetter
from .render.html import RULES
from .web import WebSolution, WebSolver, kept_in, solve_for_web

Mode = Literal["show", "fold", "hide", "steps"]
MODES = ("show", "fold", "hide", "steps")
ERROR_PAGES = "https://mdderive.github.io/mdderive/errors/"

_WORD = re.compile(r"zmdderive(\d+)z")
_LEFT_OVER = re.compile(rf"<!--.*?-->|{MARKER_START.pattern}", re.DOTALL)
_REST_OF_CELL = re.compile(r"[^|\r\n]*")
_CONTEXT_COMMENT = re.compile(r"\s*<!--\s*mdderive:.*?-->\s*", re.DOTALL)
_NEVER_CLOSED = ("E101", "E102", "E103")
_SAYS = {
    "en": {"show": "Derivation", "exercise": "Exercise", "fold": "Solution", "steps": "Solution, step by step"},
    "zh": {"show": "推导", "exercise": "练习", "fold": "解答", "steps": "分步解答"},
}


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a page is made of: its name for messages, and its whole text, front matter included."""

    file: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A marker as it was shown: `anchor` and `number` ("" and 0 for a result in running text), its solution or problem."""

    marker: Marker | None
    place: Place
    mode: Mode
    anchor: str
    number: int
    title: str
    solution: WebSolution | None
    problem: Problem | None


class DeriveExtension(Extension):
    """Solutions for `\\derive<f><X>`; `source` is the file of the next page, `shown` what the last page showed."""

    def __init__(self, **settings: Any) -> None:
        self.config = {
            "solutions": ["show", "show, fold, hide or steps, where neither page nor marker says it"],
            "rules": ["", "where the pages of the rules are; without it, their names are no links"],
            "math": ["auto", "mathml, site (its own arithmatex), or auto: site where arithmatex is set up"],
            "macros": [{}, "macros of the author's formulas, for mathml"],
            "assets": ["inline", "inline (style sheet and script in each page that needs them) or linked"],
            "cache": [True, "keep solutions in .cache/mdderive of the project"],
        }
        super().__init__(**settings)
        self.source = Source()
        self.shown: list[Shown] = []
        self.warn: Callable[[str], None] = logging.getLogger("mdderive").warning
        if self.getConfig("solutions") not in MODES:
            raise ValueError(f"mdderive: solutions must be one of {', '.join(MODES)}")

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register what reads, places and finishes the markers of a page."""
        md.registerExtension(self)
        work = _Work(self, md)
        self._work = work
        md.preprocessors.register(_Read(work), "mdderive", 31)  # before white space and HTML are touched
        md.preprocessors.register(_LeftOver(work), "mdderive-left-over", 24)  # when fences are out of sight
        md.parser.blockprocessors.register(_Block(work), "mdderive", 15)
        md.inlinePatterns.register(_Inline(work), "mdderive", 185)
        md.treeprocessors.register(_Tree(work), "mdderive", 15)  # when all inline text is in its place
        md.postprocessors.register(_Finish(work), "mdderive", 5)

    def reset(self) -> None:
        """Forget the page before."""
        self._work.begin()

    @property
    def names(self) -> dict[str, str]:
        """What a link to each numbered block of the last page says, by its id."""
        return {name: text for name, (_, text) in self._work.anchors.items()}

    def finished(self, html: str) -> str:
        """Return HTML whose formulas arithmatex marked as the site shows formulas."""
        return self._work.typesetter.page(html) if self._work.typesetter else html


@dataclass(slots=True)
class _Item:
    """A word's meaning: the author's own characters, what to ask, and what to tell where it fails."""

    source: str
    place: Place
    request: Request | None = None
    entry: Entry | None = None
    problem: Problem | None = None
    content: str | None = None


class _Work:
    """One page on its way through Python-Markdown."""

    def __init__(self, extension: DeriveExtension, md: Markdown) -> None:
        self.extension = extension
        self.md = md
        self.solve: WebSolver = solve_for_web
        self.clauses: tuple[str, ...] = ()
        self.typesetter: Typesetter | None = None
        self._ready = False
        self.begin()

    def begin(self) -> None:
        """Forget the page before."""
        self.items: list[_Item] = []
        self.page: Page | None = None
        self.file = ""
        self.anchors: dict[str, tuple[int, str]] = {}
        self.count = 0
        self.below: dict[str, str] = {}
        self.extension.shown = []

    # --- reading

    def read(self, text: str) -> str:
        """Return the text with a word for every marker and every region."""
        self._prepare()
        source = self._source()
        head = _head(source.text, text)
        self.file = source.file
        self.page = page = read_page(head + text, "markdown", self.clauses)
        pieces: list[str] = []
        position = len(head)
        for entry in page.entries:
            start, end, item = self._item(page, entry)
            pieces += [page.text[position:start], self.word(item)]
            position = max(end, start)
        for problem in page.other_problems():
            if problem.severity != "ignored":
                self._warn(problem)
        if page.scan.error:
            error = page.scan.error
            place = page.place(error.span.start, error.span.end) if error.span else Place(1, 1, 1, "")
            problem = Problem(error.code, error.message, place, "error", error.hint)
            pieces.insert(0, f"{self.word(_Item('', place, problem=problem))}\n\n")
        return "".join([*pieces, page.text[position:]])

    def read_left_over(self, text: str) -> str:
        """Return the text with a word for the markers that stand where only Python-Markdown finds a paragraph."""
        pieces: list[str] = []
        position = 0
        for match in _LEFT_OVER.finditer(text):
            if match.start() < position or match.group().startswith("<!--"):
                continue
            item, end = self._found_late(text, match.start())
            pieces += [text[position : match.start()], self.word(item)]
            position = end
        return "".join([*pieces, text[position:]])

    def word(self, item: _Item) -> str:
        """Return the word for an item."""
        self.items.append(item)
        return f"zmdderive{len(self.items) - 1}z"

    def _item(self, page: Page, entry: Entry) -> tuple[int, int, _Item]:
        """Return the stretch of the page that a word replaces, and what it means."""
        site, region = entry.site, entry.region
        place = page.place(site.origin, max(site.marker_end, site.origin + 1))
        if region is not None:
            start, end = region.start, region.end
            content = _content(page, entry, region)
        else:
            start, end = page.stripped.locate(site.start), page.stripped.locate(site.end - 1) + 1
            content = None
        problem = page.problem_of(entry, site.error) if site.error else None
        if problem and problem.code in _NEVER_CLOSED and region is None:  # what follows may be the rest of the marker
            rest = _REST_OF_CELL.match(page.text, end)
            end = rest.end() if rest and page.text[start:end].count("\n") == 0 else end
        return start, end, _Item(page.text[start:end], place, entry.request, entry, problem, content)

    def _found_late(self, text: str, start: int) -> tuple[_Item, int]:
        assert self.page is not None
        place = self._place_of(text[start:].split("\n", 1)[0])
        try:
            marker = read_marker(text, start)
        except DeriveError as error:
            rest = _REST_OF_CELL.match(text, start)
            end = rest.end() if rest else len(text)
            problem = Problem(error.code, error.message, place, "error", error.hint)
            return _Item(text[start:end], place, problem=problem), end
        context = (*self.clauses, *(clause.text for clause in self.page.scan.clauses))
        language = language_of(self.page.stripped.base, "markdown")
        request = Request(marker, "markdown", False, context, language)
        return _Item(marker.source, place, request), start + len(marker.source)

    def _place_of(self, line: str) -> Place:
        """Return where a line of what is being built stands in the file; the first line where it was changed."""
        assert self.page is not None
        at = self.page.text.find(line)
        return self.page.lines.place(max(at, 0), max(at, 0) + len(line))

    def _prepare(self) -> None:
        """Get ready once the other extensions are known and there is a marker at all."""
        if self._ready:
            return
        self._ready = True
        if self.extension.getConfig("cache"):
            self.solve = kept_in(cache_of(Path.cwd()))
        try:
            path = nearest_settings(Path.cwd())
            self.clauses = read_settings(path).clauses if path else ()
        except SettingsError as error:
            for problem in error.problems:
                self.extension.warn(problem_text(problem).rstrip())

    def _source(self) -> Source:
        if self.extension.source.text or "rendering_context" not in self.md.preprocessors:
            return self.extension.source
        context: Any = self.md.preprocessors["rendering_context"]  # zensical says so which page it renders
        path = Path(context.config["docs_dir"], context.page.path)
        try:
            return Source(str(path), path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            return Source(str(path))

    # --- placing

    def block(self, item: _Item) -> str:
        """Return the HTML of a marker that stands alone in its paragraph."""
        solution, problem = self._solved(item)
        if problem is not None or solution is None:
            self._show(item, "show", problem=problem)
            return self.admonition(problem) if problem else ""
        mode = self._mode(item)
        where = item.request.marker.where if item.request else ()
        title = _option(where, "title").rstrip(".：:。 ")
        anchor, number = self._anchor(item, _option(where, "id"), mode, solution.language)
        self._show(item, mode, anchor, number, title, solution)
        return self._linked(_block_html(solution, mode, anchor, number, title))

    def inline(self, item: _Item) -> str:
        """Return the HTML of a marker within a text: the result, or its name where solutions are hidden."""
        solution, problem = self._solved(item)
        if problem is not None or solution is None:
            self._show(item, "show", problem=problem)
            word = f"mdderive-problem-{len(self.below) + 1}"
            if problem is not None:
                self.below[word] = self.admonition(problem)
            code = problem.code if problem else ""
            return f'<span class="mdderive-missing" id="{word}">{code}</span>'
        mode = self._mode(item)
        self._show(item, mode, solution=solution)
        shown = solution.name if mode == "hide" else solution.value
        return f'<span class="mdderive-value">{shown}</span>'

    def keeps_text(self, item: _Item, inline: bool) -> bool:
        """Return whether an edit of the author's is to be shown in place of what would be derived."""
        region = item.entry.region if item.entry else None
        if region is None or item.content is None or self.page is None or item.request is None:
            return False
        assert item.entry is not None
        if self.page.is_edited(region):
            state = self.page.state_of(item.entry)
            if state is not None:
                self._warn(state)
            return True
        if region.taken != item.entry.taken:
            return False
        solution, _ = self._solved(item)
        if solution is None:
            return False
        return digest_of_content(solution.inline_text if region.inline else solution.text) != region.given

    def as_written(self, item: _Item) -> tuple[Mode, str]:
        """Return how a solution that the author edited is to be shown, and where links find it."""
        mode = self._mode(item)
        where = item.request.marker.where if item.request else ()
        solution, problem = self._solved(item, quiet=True)
        language = solution.language if solution else "en"
        anchor, number = self._anchor(item, _option(where, "id"), mode, language)
        self._show(item, mode, anchor, number, _option(where, "title"), solution, problem)
        return mode, anchor

    def problem_in_math(self, item: _Item) -> Problem:
        """Return the problem of a marker that stands amid other math."""
        problem = item.problem or Problem(
            "E105", "a marker must stand alone in its math", item.place, "error", "take it out of the formula"
        )
        self._show(item, "show", problem=problem)
        self._warn(problem)
        return problem

    def _mode(self, item: _Item) -> Mode:
        request = item.request
        clauses = (*request.context, *request.marker.where) if request else ()
        said = _option(clauses, "solutions")
        return said if said in MODES else self.extension.getConfig("solutions")  # type: ignore[return-value]

    def _solved(self, item: _Item, quiet: bool = False) -> tuple[WebSolution | None, Problem | None]:
        problem = item.problem
        if problem is None and item.request is not None:
            try:
                return self.solve(replace(item.request, inline=False)), None
            except DeriveError as error:
                problem = self._problem(item, error)
            except Exception as error:  # a bug of ours must not cost the reader the page
                hint = "this is a bug in mdderive; please report it together with the marker"
                message = f"mdderive itself failed here: {type(error).__name__}: {error}"
                problem = Problem("E599", message, item.place, "error", hint)
        if problem is not None and not quiet:
            self._warn(problem)
        return None, problem

    def _problem(self, item: _Item, error: DeriveError) -> Problem:
        if item.entry is not None and self.page is not None:
            return self.page.problem_of(item.entry, error)
        return Problem(error.code, error.message, item.place, "error", error.hint)

    def _anchor(self, item: _Item, name: str, mode: Mode, language: str) -> tuple[str, int]:
        """Return the anchor of a block, and its number if the author gave it a name to refer to."""
        self.count += 1
        if not name:
            return f"derivation-{self.count}", 0
        if name in self.anchors:
            hint = "two markers of a page cannot have the same id"
            self._warn(Problem("E521", f"the id {name} is taken", item.place, "error", hint))
        number = len(self.anchors) + 1
        self.anchors.setdefault(name, (number, f"{_called(mode, language)} {number}"))
        return name, number

    def _show(
        self, item: _Item, mode: Mode, anchor: str = "", number: int = 0, title: str = "",
        solution: WebSolution | None = None, problem: Problem | None = None,
    ) -> None:  # fmt: skip
        marker = item.request.marker if item.request else None
        self.extension.shown.append(Shown(marker, item.place, mode, anchor, number, title, solution, problem))

    def _linked(self, html: str) -> str:
        """Return the HTML with the links to rules as the site has them."""
        rules = self.extension.getConfig("rules")
        if rules:
            return re.sub(rf'href="{RULES}([a-z0-9-]+)"', lambda m: f'href="{rules.format(m[1])}"', html)
        return re.sub(rf'<a class="mdderive-rule" href="{RULES}[a-z0-9-]+">(.*?)</a>', r"\1", html)

    # --- problems

    def _warn(self, problem: Problem) -> None:
        self.extension.warn(problem_text(replace(problem, file=self.file or "page")).rstrip())

    def admonition(self, problem: Problem) -> str:
        """Return a problem as a reader of the page sees it."""
        shown = problem_text(replace(problem, file="", hint="")).split("\n", 1)
        excerpt = shown[1].rstrip() if len(shown) > 1 else ""
        where = f"{Path(self.file).name}:{problem.place.line}:{problem.place.column}" if problem.place.line else ""
        hint = f"<p>{escape(problem.hint, quote=False)}</p>" if problem.hint else ""
        return (
            '<div class="admonition failure mdderive-failure" role="note">'
            f'<p class="admonition-title">{problem.code} {escape(problem.message, quote=False)}</p>'
            f'<pre tabindex="0" aria-label="{escape(where)}"><code>{escape(excerpt, quote=False)}</code></pre>{hint}</div>'
        )

    # --- finishing

    def own_characters(self, text: str) -> str:
        """Return the text with the author's characters where words stand."""
        return _WORD.sub(lambda m: self.items[int(m[1])].source, text)

    def prepare_math(self) -> None:
        """Let arithmatex find the author's formulas where the site does not do so itself."""
        wanted = self.extension.getConfig("math")
        has_own = "arithmatex-inline" in self.md.inlinePatterns or "arithmatex-block" in self.md.parser.blockprocessors
        if self.typesetter is None and (wanted == "mathml" or (wanted == "auto" and not has_own)):
            if not has_own:
                self.md.registerExtensions(["pymdownx.arithmatex"], {"pymdownx.arithmatex": {"generic": True}})
            self.typesetter = Typesetter(self.extension.getConfig("macros"), self._complain)

    def _complain(self, message: str) -> None:
        self.extension.warn(f"{self.file or 'page'}: {message}")


class _Read(Preprocessor):
    def __init__(self, work: _Work) -> None:
        super().__init__(work.md)
        self.work = work

    def run(self, lines: list[str]) -> list[str]:
        self.work.prepare_math()
        text = "\n".join(lines)
        if r"\derive" not in text and "mdderive" not in text:
            return lines
        return self.work.read(text).split("\n")


class _LeftOver(Preprocessor):
    def __init__(self, work: _Work) -> None:
        super().__init__(work.md)
        self.work = work

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        if r"\derive" not in text or self.work.page is None:
            return lines
        return self.work.read_left_over(text).split("\n")


class _Block(BlockProcessor):
    def __init__(self, work: _Work) -> None:
        super().__init__(work.md.parser)
        self.work = work

    def test(self, parent: Element, block: str) -> bool:
        return _WORD.fullmatch(block.strip()) is not None

    def run(self, parent: Element, blocks: list[str]) -> bool:
        word = _WORD.fullmatch(blocks.pop(0).strip())
        assert word is not None
        item = self.work.items[int(word[1])]
        if self.work.keeps_text(item, inline=False):
            self._as_written(parent, item)
        else:
            SubElement(parent, "p").text = self.work.md.htmlStash.store(self.work.block(item))
        return True

    def _as_written(self, parent: Element, item: _Item) -> None:
        mode, anchor = self.work.as_written(item)
        section = SubElement(parent, "section", {"class": f"mdderive mdderive-{mode}", "id": anchor})
        if mode == "hide":
            return
        inside = section
        if mode != "show":
            inside = SubElement(section, "details", {"class": "mdderive-solution"})
            SubElement(inside, "summary").text = _SAYS["en"]["fold"]
        self.parser.parseChunk(inside, item.content or "")


class _Inline(InlineProcessor):
    def __init__(self, work: _Work) -> None:
        super().__init__(_WORD.pattern, work.md)
        self.work = work

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]  # noqa: N802
        item = self.work.items[int(m[1])]
        html = self.work.inline(item)
        return self.work.md.htmlStash.store(html), m.start(0), m.end(0)


class _Tree(Treeprocessor):
    """Fills empty links to numbered blocks, puts problems below their paragraphs, and sets what arithmatex marked."""

    def __init__(self, work: _Work) -> None:
        super().__init__(work.md)
        self.work = work

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag == "a" and not (element.text or len(element)):
                self._refer(element)
            elif "arithmatex" in (element.get("class") or "").split():
                self._formula(element)
            elif isinstance(element.text, AtomicString) and "zmdderive" in element.text:
                element.text = AtomicString(escape(self.work.own_characters(element.text), quote=False))
        self._problems(root)

    def _refer(self, element: Element) -> None:
        target = (element.get("href") or "").removeprefix("#")
        if target in self.work.anchors:
            element.text = self.work.anchors[target][1]

    def _formula(self, element: Element) -> None:
        text = element.text or ""
        found = _WORD.search(text)
        if found:
            problem = self.work.problem_in_math(self.work.items[int(found[1])])
            element.tag, element.text = "span", AtomicString(problem.code)
            element.attrib.clear()
            word = f"mdderive-problem-{len(self.work.below) + 1}"
            element.attrib.update({"class": "mdderive-missing", "id": word})
            self.work.below[word] = self.work.admonition(problem)
        elif self.work.typesetter is not None and text.strip():
            element.attrib.clear()
            element.set("class", "mdderive-math")
            element.text = AtomicString(self.work.md.htmlStash.store(self.work.typesetter.marked(text)))

    def _problems(self, root: Element) -> None:
        if not self.work.below:
            return
        stash = self.work.md.htmlStash
        for child in reversed(list(root)):
            inside = "".join(child.itertext())
            stashed = [stash.rawHtmlBlocks[int(n)] for n in re.findall(rf"{STX}wzxhzdk:(\d+)", inside)]
            ids = [x.get("id") or "" for x in child.iter()]
            for word, html in self.work.below.items():
                if word in ids or any(isinstance(x, str) and f'id="{word}"' in x for x in stashed):
                    below = Element("p")
                    below.text = stash.store(html)
                    root.insert(list(root).index(child) + 1, below)


class _Finish(Postprocessor):
    """Puts the author's characters back into code, takes our comments away, sets formulas, adds style and script."""

    def __init__(self, work: _Work) -> None:
        super().__init__(work.md)
        self.work = work

    def run(self, text: str) -> str:
        if "zmdderive" in text:
            text = _Restorer(self.work).restored(text)
        if "mdderive:" in text:
            text = _CONTEXT_COMMENT.sub("\n", text)
        if self.work.typesetter is not None:
            text = self.work.typesetter.page(text)
        if 'class="mdderive' in text and self.work.extension.getConfig("assets") == "inline":
            text += assets_inline()
        return text


class _Restorer(HTMLParser):
    """Finds the words that nobody took: in code they are the author's characters, elsewhere a problem."""

    def __init__(self, work: _Work) -> None:
        super().__init__(convert_charrefs=False)
        self.work = work

    def restored(self, text: str) -> str:
        code = re.compile(r"<(pre|code|script|style|textarea)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
        pieces: list[str] = []
        position = 0
        for match in code.finditer(text):
            pieces += [self._outside(text[position : match.start()]), self._inside(match.group())]
            position = match.end()
        return "".join([*pieces, self._outside(text[position:])])

    def _inside(self, text: str) -> str:
        return _WORD.sub(lambda m: escape(self.work.items[int(m[1])].source), text)

    def _outside(self, text: str) -> str:
        return _WORD.sub(lambda m: self._in_html(self.work.items[int(m[1])]), text)

    def _in_html(self, item: _Item) -> str:
        hint = 'give the element around it the attribute markdown="1" and add the extension md_in_html'
        problem = Problem("E522", "within HTML, a marker is not read", item.place, "error", hint)
        self.work._warn(problem)
        self.work._show(item, "show", problem=problem)
        return self.work.admonition(problem)


def _head(whole: str, body: str) -> str:
    """Return what stands in a file before the text that is rendered: its front matter."""
    whole = whole.replace("\r\n", "\n").replace("\r", "\n")
    bare = body.strip("\n")
    if bare and whole.rstrip("\n").endswith(bare):
        before = len(whole.rstrip("\n")) - len(bare)
        lead = len(body) - len(body.lstrip("\n"))
        return whole[: before - lead] if before >= lead and whole[before - lead : before] == "\n" * lead else ""
    end = front_matter_end(whole)
    return f"{whole[:end]}\n" if end and not front_matter_end(body) else ""


def _content(page: Page, entry: Entry, region: Region) -> str:
    """Return the text of a region without the prefixes of its container."""
    text = page.text[slice(*region.content)]
    if region.inline:
        return text
    prefix = entry.site.prefix
    lines = [line.removeprefix(prefix) if line.startswith(prefix) else line.lstrip("> \t") for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def _option(clauses: Sequence[str], name: str) -> str:
    """Return what the last of the clauses says that sets an option, "" if none does."""
    for clause in reversed(clauses):
        key, colon, value = clause.partition(":")
        if colon and key.strip().lower() == name:
            return value.strip()
    return ""


def _called(mode: Mode, language: str) -> str:
    return _SAYS[language]["show" if mode == "show" else "exercise"]


def _block_html(solution: WebSolution, mode: Mode, anchor: str, number: int, title: str) -> str:
    """Return a solution as a quiet block."""
    language = solution.language
    stop, opening, closing = ("：", "（", "）") if language == "zh" else (".", " (", ")")
    called = _called(mode, language)
    if number:
        lead = f"{called} {number}{f'{opening}{title}{closing}' if title else ''}{stop}"
    elif mode == "show":
        lead = solution.lead
    else:
        lead = f"{title or called}{stop}"
    task = "" if mode == "show" else f" {solution.task}"
    statement = f'<p class="mdderive-statement"><strong>{lead}</strong> {solution.statement}{task}</p>'
    return (
        f'<section class="mdderive mdderive-{mode}" id="{escape(anchor)}" lang="{language}">\n{statement}\n'
        f"{'' if mode == 'hide' else _solution_html(solution, mode)}</section>"
    )


def _solution_html(solution: WebSolution, mode: Mode) -> str:
    copies = f' data-latex="{escape(solution.latex)}" data-python="{escape(solution.python)}"'
    inside = f"{solution.steps if mode == 'steps' else solution.working}\n{solution.check}"
    if mode == "show":
        return f'<div class="mdderive-solution"{copies}>\n{inside}\n</div>\n'
    summary = f"<summary>{_SAYS[solution.language][mode]}</summary>"
    return f'<details class="mdderive-solution"{copies}>{summary}\n{inside}\n</details>\n'


def asset(name: str) -> str:
    """Return the text of `mdderive.css` or `mdderive.js`."""
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")


def assets_inline() -> str:
    """Return style sheet and script as elements of a page."""
    return f"\n<style>{asset('mdderive.css')}</style>\n<script>{asset('mdderive.js')}</script>\n"


def makeExtension(**settings: Any) -> DeriveExtension:  # noqa: N802
    """Return the extension, as Python-Markdown asks for it."""
    return DeriveExtension(**settings)
