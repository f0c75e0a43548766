"""One page of a course site: its markers found, solved and dressed as HTML; what is Markdown about it, others know.

The page is read as the command line reads it (`documents.page`), so clauses, language and places are the same. Each
marker, and each region with its solution, becomes one word that no Markdown rule touches. Where the builder puts that
word decides what becomes of it: alone in a paragraph a solution, within a text the result, within code the author's
own characters.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from ..documents.context import front_matter_end, habit_of, language_of
from ..documents.diagnostics import problem_text
from ..documents.marker import MARKER_START, read_marker
from ..documents.model import Marker, Place, Problem, Request, Solver
from ..documents.page import Entry, Page, read_page
from ..documents.region import Region, digest_of_content
from ..errors import TOO_LONG_FOR_A_SENTENCE, DeriveError
from ..latex.macros import OF_PAGE, told_to_us
from ..question.settings import SETTINGS
from ..render.formula import math
from ..words import say
from .extras import CALM, body, cited, classes, copies, link_to, parts_of, turn, turned
from .solution import WebSolution, WebSolver, linked

MODES = SETTINGS["solutions"].values

WORD = re.compile(r"zmdderive(\d+)z")
"""What stands for a marker while the page is built; no Markdown rule and no highlighter takes it apart."""

_LEFT_OVER = re.compile(rf"<!--.*?-->|{MARKER_START.pattern}", re.DOTALL)
_REST_OF_CELL = re.compile(r"[^|\r\n]*")
_CODE = re.compile(r"<(pre|code|script|style|textarea)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
_CONTEXT_COMMENT = re.compile(r"\s*<!--\s*mdderive:.*?-->\s*", re.DOTALL)
_NEVER_CLOSED = ("E101", "E102", "E103")


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a page is made of: its name for messages, and its whole text, front matter included."""

    file: str = ""
    text: str = ""

    @classmethod
    def of(cls, path: Path, text: str = "") -> Source:
        """Return the source that a file is; its name is short below the present folder."""
        return cls(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path), text)


@dataclass(frozen=True, slots=True)
class Shown:
    """A marker as it was shown; `anchor` and `number` are "" and 0 for a result in running text."""

    marker: Marker | None
    place: Place
    mode: str
    anchor: str
    number: int
    title: str
    solution: WebSolution | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Item:
    """What a word stands for: the author's characters, what to ask, and what is wrong with it.

    `content` is the text of a region that the file holds already, without the prefixes of its container.
    """

    source: str
    place: Place
    request: Request | None = None
    entry: Entry | None = None
    problem: Problem | None = None
    content: str = ""

    @property
    def wish(self) -> str:
        """What the reader may do: state an "answer", or "try" another function; "" for nothing of it."""
        own = self.request.marker.where if self.request else ()
        return next((x for x in ("answer", "try") if x in own), "")

    def option(self, name: str, *, of_page: bool = False) -> str:
        """Return what the marker's own clauses set `name` to, with `of_page` also those of the page; or ""."""
        if self.request is None:
            return ""
        own = self.request.marker.where
        return _option((*self.request.context, *own) if of_page else own, name)


@dataclass(frozen=True, slots=True)
class Dressed:
    """A block: the attributes of its element, and what stands in it."""

    attributes: dict[str, str]
    html: str


@dataclass
class WebPage:
    """A page being built: `solutions` is the site's mode, `rules` where its pages of rules are ("" for none).

    `write` says what the command line would insert: a region that says something else holds the author's own words.
    `answers` says whether the site has the engine that judges what students type; `macros` are those that it sets in
    every formula, None for all that its pages and settings define.
    """

    source: Source
    clauses: tuple[str, ...]
    solve: WebSolver
    write: Solver
    warn: Callable[[str], None]
    solutions: str = SETTINGS["solutions"].default
    rules: str = ""
    features: Collection[str] = CALM
    answers: bool = False
    macros: Collection[str] | None = None
    items: list[Item] = field(default_factory=list)
    read_already: list[tuple[int, int]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)
    below: dict[str, str] = field(default_factory=dict)
    parts: dict[str, tuple[str, str]] = field(default_factory=dict)
    blocks: int = 0
    language: str = ""

    # --- reading

    def read(self, text: str) -> str:
        """Return the text that is to be built, with a word for every marker and every region."""
        head = _head(self.source.text, text)
        self.page = page = read_page(head + text, "markdown", self.clauses)
        self.language = language_of(page.stripped.base, "markdown")
        pieces: list[str] = []
        position = len(head)
        for entry in page.entries:
            start, end, item = _item(page, entry)
            pieces += [page.text[position:start], self._word(item)]
            position = end
            self.read_already.append((start, end))
        problems = list(page.other_problems())
        for problem in problems[bool(page.scan.error) :]:
            if problem.severity not in ("ignored", "warning"):  # what is text the builder may read all the same
                self._warn(problem)
        built = "".join([*pieces, page.text[position:]])
        if page.scan.error:  # the clauses of the page cannot be read: told at its top
            end = front_matter_end(built)
            word = self._word(Item("", problems[0].place, problem=problems[0]))
            built = f"{built[:end]}\n\n{word}\n\n{built[end:]}"
        return built

    def read_left_over(self, text: str) -> str:
        """Return the text with a word for the markers that stand where only the builder finds a paragraph."""
        pieces: list[str] = []
        position = 0
        for match in _LEFT_OVER.finditer(text):
            if match.start() < position or match.group().startswith("<!--"):
                continue
            end, item = self._found_late(text, match.start())
            pieces += [text[position : match.start()], self._word(item)]
            position = end
        return "".join([*pieces, text[position:]])

    def _word(self, item: Item) -> str:
        self.items.append(item)
        return f"zmdderive{len(self.items) - 1}z"

    def _found_late(self, text: str, start: int) -> tuple[int, Item]:
        line = text[start:].split("\n", 1)[0]
        at = _where(self.page.text, self.read_already, line, text.count(line, 0, start))
        place = self.page.lines.place(at, at + len(line))
        try:
            marker = read_marker(text, start)
        except DeriveError as error:
            end = _end_of_cell(text, start)
            problem = Problem(error.code, error.message, place, "error", error.hint)
            return end, Item(text[start:end], place, problem=problem)
        around = (*habit_of(self.page.stripped.base), *self.clauses)
        context = (*around, *(clause.text for clause in self.page.scan.clauses))
        item = Item(marker.source, place, Request(marker, "markdown", False, context, self.language))
        return start + len(marker.source), item

    # --- dressing

    def block(self, item: Item) -> Dressed:
        """Return what a marker that stands alone in its paragraph becomes."""
        solution, problem = self._solved(item)
        if solution is None:
            self._show(item, "show", problem=problem)
            return Dressed({}, _admonition(problem, self.source.file) if problem else "")
        mode, title = self._mode(item), item.option("title").rstrip(".：:。 ")
        anchor, number = self._anchor(item, mode, solution.language)
        self._show(item, mode, anchor, number, title, solution)
        asked = _asked_html(item, solution.language, self.rules) if self.answers else ""
        html = _block_html(solution, mode, number, title, anchor, self.features, asked, item.wish)
        html = linked(html, self.rules)
        html = cited(html, self.parts, solution.language)
        if number and mode != "hide":
            self.parts |= dict.fromkeys(parts_of(solution), (anchor, self.anchors[anchor])) | self.parts
        return Dressed(_attributes(mode, anchor, solution.language, classes(self.features)), html)

    def inline(self, item: Item) -> str:
        """Return what a marker within a text becomes: the result, or its name where solutions are hidden."""
        solution, problem = self._solved(item)
        if solution is None:
            self._show(item, "show", problem=problem)
            return self._missing(problem) if problem else ""
        if (mode := self._mode(item)) != "hide" and not solution.value:
            return self._refused(item, _too_long(item))
        self._show(item, mode, solution=solution)
        return _value_html(solution.name if mode == "hide" else solution.value, solution)

    def in_math(self, item: Item) -> str:
        """Return what a marker amid other math becomes: a problem."""
        return self._refused(item, item.problem or _amid_math(item))

    def _refused(self, item: Item, problem: Problem) -> str:
        self._warn(problem)
        self._show(item, "show", problem=problem)
        return self._missing(problem)

    def keeps_text(self, item: Item) -> bool:
        """Return whether an edit of the author's is shown in place of what would be derived."""
        entry = item.entry
        if entry is None or entry.region is None or entry.request is None:
            return False
        if self.page.is_edited(entry.region):
            state = self.page.state_of(entry)
            if state is not None:
                self._warn(state)
            return True
        if entry.region.taken != entry.taken:
            return False
        try:
            text = self.write(entry.request).text
        except DeriveError:
            return False
        return digest_of_content(text) != entry.region.given  # an edit that the author accepted

    def as_written(self, item: Item) -> tuple[str, dict[str, str], str]:
        """Return how a solution that the author edited is shown: mode, attributes, and the word that opens it."""
        mode = self._mode(item)
        solution, problem = self._solved(item, quiet=True)
        language = solution.language if solution else "en"
        anchor, number = self._anchor(item, mode, language)
        self._show(item, mode, anchor, number, item.option("title"), solution, problem)
        return mode, _attributes(mode, anchor, language), say(language, "fold")

    def inline_as_written(self, item: Item) -> str:
        """Return a result that the author edited, or its name where solutions are hidden."""
        solution, problem = self._solved(item, quiet=True)
        mode = self._mode(item)
        self._show(item, mode, solution=solution, problem=problem)
        hidden = solution.name if solution else ""
        shown = hidden if mode == "hide" else math(item.content.strip().strip("$").strip())
        return _value_html(shown, solution)

    def _mode(self, item: Item) -> str:
        said = item.option("solutions", of_page=True)
        mode = said if said in MODES else self.solutions
        return "steps" if item.wish == "answer" and mode != "hide" else mode

    def _solved(self, item: Item, quiet: bool = False) -> tuple[WebSolution | None, Problem | None]:
        problem = item.problem
        if problem is None and item.request is not None:
            try:
                return self.solve(_of_block(item.request, self.macros)), None
            except DeriveError as error:
                problem = self._problem(item, error)
            except Exception as error:  # a bug of ours must not cost the reader the page
                hint = "this is a bug in mdderive; please report it together with the marker"
                message = f"mdderive itself failed here: {type(error).__name__}: {error}"
                problem = Problem("E599", message, item.place, "error", hint)
        if problem is not None and not quiet:
            self._warn(problem)
        return None, problem

    def _problem(self, item: Item, error: DeriveError) -> Problem:
        if item.entry is not None:
            return self.page.problem_of(item.entry, error)
        return Problem(error.code, error.message, item.place, "error", error.hint)

    def _anchor(self, item: Item, mode: str, language: str) -> tuple[str, int]:
        """Return the anchor of a block, and its number if the author gave it a name to refer to."""
        self.blocks += 1
        name = item.option("id")
        if not name:
            return f"derivation-{self.blocks}", 0
        number = len(self.anchors) + 1
        if name in self.anchors:
            hint = "give it another id"
            self._warn(Problem("E521", f"another marker of this page has the id {name}", item.place, "error", hint))
        self.anchors.setdefault(name, f"{_called(mode, language)} {number}")
        return name, number

    def _show(
        self, item: Item, mode: str, anchor: str = "", number: int = 0, title: str = "",
        solution: WebSolution | None = None, problem: Problem | None = None,
    ) -> None:  # fmt: skip
        marker = item.request.marker if item.request else None
        self.shown.append(Shown(marker, item.place, mode, anchor, number, title, solution, problem))

    # --- problems

    def _missing(self, problem: Problem) -> str:
        """Return what stands in a text for a result that is missing; the problem comes below the paragraph."""
        name = f"mdderive-problem-{len(self.below) + 1}"
        self.below[name] = _admonition(problem, self.source.file)
        return f'<span class="mdderive-missing" id="{name}">{problem.code}</span>'

    def _warn(self, problem: Problem) -> None:
        self.warn(problem_text(problem._replace(file=self.source.file or "page")).rstrip())

    # --- finishing

    def shown_in_order(self) -> list[Shown]:
        """Return the markers in the order in which they stand in the file."""
        return sorted(self.shown, key=lambda one: (one.place.line, one.place.column))

    def own_characters(self, text: str) -> str:
        """Return the text with the author's characters where words stand."""
        return WORD.sub(lambda m: self.items[int(m[1])].source, text)

    def finished(self, html: str) -> str:
        """Return the page without words and without our comments: in code a marker is text, in raw HTML a problem."""
        if "zmdderive" in html:
            html = self._without_words(html)
        if 'class="mdderive-turn"' in html:
            html = turned(html, _exercises(self.shown_in_order(), self.anchors))
        return _CONTEXT_COMMENT.sub("\n", html) if "mdderive:" in html else html

    def _without_words(self, html: str) -> str:
        pieces: list[str] = []
        position = 0
        for match in _CODE.finditer(html):
            inside = WORD.sub(lambda m: escape(self.items[int(m[1])].source), match.group())
            pieces += [self._within_html(html[position : match.start()]), inside]
            position = match.end()
        return "".join([*pieces, self._within_html(html[position:])])

    def _within_html(self, html: str) -> str:
        return WORD.sub(lambda m: self._unread(self.items[int(m[1])]), html)

    def _unread(self, item: Item) -> str:
        hint = 'give the element around it the attribute markdown="1" and add the extension md_in_html'
        problem = Problem("E522", "within HTML, a marker is not read", item.place, "error", hint)
        self._warn(problem)
        self._show(item, "show", problem=problem)
        return _admonition(problem, self.source.file)


# --- reading


def _head(whole: str, body: str) -> str:
    """Return what stands in a file before the text that is built: its front matter."""
    whole = whole.replace("\r\n", "\n").replace("\r", "\n")
    bare = body.strip("\n")
    if bare and whole.rstrip("\n").endswith(bare):
        lead = body[: len(body) - len(body.lstrip("\n"))]
        return whole[: len(whole.rstrip("\n")) - len(bare)].removesuffix(lead)
    end = front_matter_end(whole)  # another extension has changed the text: only the clauses matter
    return f"{whole[:end]}\n" if end and not front_matter_end(body) else ""


def _where(text: str, read: Sequence[tuple[int, int]], line: str, before: int) -> int:
    """Return where `line` stands in a text, `before` others like it having been left as text in front of it.

    Those within the stretches that were `read`, given in order, do not count; 0 where the line was changed on the way.
    """
    starts = [start for start, _ in read]
    last = -1
    for match in re.finditer(re.escape(line), text):
        k = bisect_right(starts, match.start()) - 1
        if k >= 0 and match.start() < read[k][1]:
            continue
        last = match.start()
        if before == 0:
            break
        before -= 1
    return max(last, 0)


def _item(page: Page, entry: Entry) -> tuple[int, int, Item]:
    """Return the stretch of the page that a word replaces, and what it stands for."""
    site, region = entry.site, entry.region
    place = page.place(site.origin, max(site.marker_end, site.origin + 1))
    problem = page.problem_of(entry, site.error) if site.error else None
    if region is not None:
        start, end = region.start, region.end
    else:
        start, end = page.stripped.locate(site.start), page.stripped.locate(site.end - 1) + 1
        if problem and problem.code in _NEVER_CLOSED:  # what follows is the rest of the marker
            end = _end_of_cell(page.text, end)
    content = _content(page, entry, region) if region is not None else ""
    return start, end, Item(page.text[start:end], place, entry.request, entry, problem, content)


def _end_of_cell(text: str, start: int) -> int:
    rest = _REST_OF_CELL.match(text, start)
    return rest.end() if rest else start


def _content(page: Page, entry: Entry, region: Region) -> str:
    text = page.text[slice(*region.content)]
    if region.inline:
        return text
    prefix = entry.site.prefix
    lines = text.split("\n")
    bare = [x.removeprefix(prefix) if x.startswith(prefix) else x.lstrip("> \t") for x in lines]
    return "\n".join(bare).strip("\n")


def _of_block(request: Request, macros: Collection[str] | None) -> Request:
    """Return what is asked for a block that is written with those of the page's `macros` that the site knows."""
    context = request.context
    if macros is not None:
        known = tuple(f"{OF_PAGE}{{{name}}}" for name in macros)
        context = tuple(x if x.startswith(known) else told_to_us(x) for x in context)
    return request._replace(inline=False, context=context)


def _option(clauses: Sequence[str], name: str) -> str:
    """Return what the last of the clauses says that sets an option, "" if none does."""
    for clause in reversed(clauses):
        key, colon, value = clause.partition(":")
        if colon and key.strip().lower() == name:
            return value.strip()
    return ""


# --- HTML


def _admonition(problem: Problem, file: str) -> str:
    """Return a problem as a reader of the page sees it."""
    shown = problem_text(problem._replace(file="", hint="")).rstrip()
    excerpt = escape("\n".join(shown.split("\n")[1:]), quote=False)
    place = f"{Path(file).name}:{problem.place.line}:{problem.place.column}"
    hint = f"<p>{escape(problem.hint, quote=False)}</p>" if problem.hint else ""
    return (
        '<div class="admonition failure mdderive-failure" role="note">'
        f'<p class="admonition-title">{problem.code} {escape(problem.message, quote=False)}</p>'
        f'<pre tabindex="0" aria-label="{escape(place)}"><code>{excerpt}</code></pre>{hint}</div>'
    )


def _exercises(shown: Sequence[Shown], anchors: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return anchor, name and language of the exercises among what was shown."""
    found = [(x, x.solution.language) for x in shown if x.anchor and x.solution and x.mode != "show"]
    return [(x.anchor, anchors.get(x.anchor) or x.title or _called(x.mode, said), said) for x, said in found]


def _called(mode: str, language: str) -> str:
    return say(language, "show" if mode == "show" else "exercise")


def _attributes(mode: str, anchor: str, language: str, more: str = "") -> dict[str, str]:
    return {"class": f"mdderive mdderive-{mode}{more}", "id": anchor, "lang": language}


def _amid_math(item: Item) -> Problem:
    message, hint = "a marker must stand alone in its math", "take it out of the formula"
    return Problem("E105", message, item.place, "error", hint)


def _too_long(item: Item) -> Problem:
    code, message, _, hint = TOO_LONG_FOR_A_SENTENCE
    return Problem(code, message, item.place, "error", hint)


def _value_html(shown: str, solution: WebSolution | None) -> str:
    """Return a result within a text; what was read, f and the shapes of its letters, is its title."""
    title = f' title="{escape(solution.read)}"' if solution is not None and solution.read else ""
    return f'<span class="mdderive-value"{title}>{shown}</span>'


def _block_html(
    solution: WebSolution, mode: str, number: int, title: str, anchor: str, features: Collection[str],
    asked: str = "", wish: str = "",
) -> str:  # fmt: skip
    """Return the inside of a block: the task, the solution unless it is hidden, and the rest.

    What is `asked` of the reader stands before the solution, another function to try behind it.
    """
    statement = _statement_html(solution, mode, number, title, anchor if "link" in features else "")
    inside = "" if mode == "hide" else _solution_html(solution, mode, anchor, features)
    turning = turn(anchor) if "exercises" in features and mode != "show" else ""
    parts = (inside, asked) if wish == "try" else (asked, inside)
    return f"{statement}\n{''.join(parts)}{turning}"


def _statement_html(solution: WebSolution, mode: str, number: int, title: str, anchor: str) -> str:
    """Return the task, with a link to itself at its `anchor` if one is given."""
    language = solution.language
    called, title, gap = _called(mode, language), escape(title, quote=False), say(language, "gap")
    if number:
        key = "numbered with title" if title else "numbered"
        called = say(language, key, called=called, number=number, title=title)
    else:
        called = title or called
    lead = solution.lead if mode == "show" and not number else say(language, "block lead", title=called)
    task = "" if mode == "show" else f"{gap}{solution.task}"
    said = f"<strong>{lead}</strong>{gap}" if lead else ""
    to_itself = link_to(anchor, called, language) if anchor else ""
    return f'<p class="mdderive-statement">{said}{solution.statement}{task}{to_itself}</p>'


def _asked_html(item: Item, language: str, rules: str) -> str:
    """Return the place of the field for a student's answer, or for another function; "" where there is none."""
    if item.request is None or not item.wish:
        return ""
    marker = item.request.marker
    question = {
        "f": marker.f,
        "variable": marker.variable,
        "clauses": "; ".join(marker.where),
        "context": item.request.context,
        "lang": language,
        "rules": rules,
    }
    told = escape(json.dumps(question, ensure_ascii=False))
    return f'<div class="mdderive-asked" data-wish="{item.wish}" data-question="{told}"></div>\n'


def _solution_html(solution: WebSolution, mode: str, anchor: str, features: Collection[str]) -> str:
    inside = body(solution, mode, anchor, features)
    if mode == "show":
        return f'<div class="mdderive-solution"{copies(solution)}>\n{inside}\n</div>\n'
    summary = f"<summary>{say(solution.language, mode)}</summary>"
    return f'<details class="mdderive-solution"{copies(solution)}>{summary}\n{inside}\n</details>\n'
