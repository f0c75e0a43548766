r"""The Python-Markdown extension: bare markers are expanded when a page is built, solutions in the file are dressed.

It gives `web_page.WebPage` the text before Python-Markdown touches it, and puts what becomes of each marker where
Python-Markdown has put the marker's word.
"""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString

from ..documents.cache import cache_of
from ..documents.diagnostics import problem_text
from ..documents.folders import notes_within
from ..documents.model import Solver
from ..documents.settings import SettingsError, nearest_settings, read_settings
from ..documents.site_macros import site_macros
from ..question.settings import SETTINGS
from ..render.formula import STOP
from ..render.marks import called, unmarked
from ..words import DEFAULT
from .ahead import Ahead
from .extras import CALM, FEATURES
from .mathml import Typesetter
from .page import MODES, WORD, Item, Source, WebPage
from .solution import WebSolver
from .solver import kept_in, solve_for_file, solve_for_web

CHOICES = {"solutions": MODES, "math": ("auto", "mathml", "site", "katex", "mathjax"), "assets": ("inline", "linked")}

CLIPBOARD = "play/clipboard.js"

CLASS_MACROS = {"katex": r"\htmlClass", "mathjax": r"\class"}
"""What gives a part of a formula a class, by what sets the formulas of the site."""


class DeriveExtension(Extension):
    r"""Solutions for `\derive<f><X>`.

    `page` is what the last page was made of, `source` the file of the next one, `folder` that of the pages: the
    settings of its project hold, and solutions are kept there. `language` is that of the site. `ahead` solves the
    markers of the pages to come.
    """

    def __init__(self, **settings: Any) -> None:
        self.config = {
            "solutions": [
                SETTINGS["solutions"].default,
                "show, fold, hide or steps, where neither page nor marker says it",
            ],
            "rules": ["", "where the pages of the rules are, {} for the name; without it, names are no links"],
            "math": ["auto", "mathml, site (its own arithmatex), katex or mathjax (the same, with classes), or auto"],
            "macros": [{}, "macros of the author's formulas, for mathml"],
            "assets": ["inline", "inline (style sheet and script in each page that needs them) or linked"],
            "features": [list(CALM), f"what solutions have besides their rows: {', '.join(FEATURES)}"],
            "cache": [True, "keep solutions in .cache/mdderive of the project"],
        }
        super().__init__(**settings)
        for name, choices in CHOICES.items():
            if self.getConfig(name) not in choices:
                raise ValueError(f"mdderive: {name} cannot be {self.getConfig(name)!r}; use {', '.join(choices)}")
        if unknown := [x for x in self.getConfig("features") if x not in FEATURES]:
            raise ValueError(f"mdderive: features has no {unknown[0]!r}; use {', '.join(FEATURES)}")
        self.source = Source()
        self.folder = Path.cwd()
        self.language = DEFAULT
        self.page: WebPage | None = None
        self.answers = False
        self.warn: Callable[[str], None] = logging.getLogger("mdderive").warning
        self.typesetter: Typesetter | None = None
        self.ahead: Ahead | None = None
        self._clauses: tuple[str, ...] | None = None

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register what reads, places and finishes the markers of a page."""
        md.registerExtension(self)
        md.preprocessors.register(_Read(md, self), "mdderive", 31)  # before white space and HTML are touched
        md.preprocessors.register(_LeftOver(md, self), "mdderive-left-over", 24)  # when fences are out of sight
        md.parser.blockprocessors.register(_Block(md, self), "mdderive", 15)
        md.inlinePatterns.register(_Inline(md, self), "mdderive", 185)
        md.treeprocessors.register(_Tree(md, self), "mdderive", 15)  # when all inline text is in its place
        md.postprocessors.register(_Finish(md, self), "mdderive", 5)

    def reset(self) -> None:
        """Forget the page before."""
        self.page = None

    def begin(self, md: Markdown) -> WebPage:
        """Return the page that is now built."""
        self.page = WebPage(
            self._source(md),
            self.settings(),
            *self._solvers(),
            lambda message: self.warn(message),
            self.getConfig("solutions"),
            self.getConfig("rules"),
            self.getConfig("features"),
            self.answers,
            self._macros(),
        )
        return self.page

    def _macros(self) -> frozenset[str] | None:
        """Return the macros that are known in every formula; MathJax alone knows those that a page defines."""
        math = self.getConfig("math")
        if math == "mathml":
            return frozenset(f"\\{name.lstrip(chr(92))}" for name in self.getConfig("macros"))
        return frozenset(macro.name for macro, _ in site_macros(str(self.folder)).macros) if math == "katex" else None

    def prepare_math(self, md: Markdown) -> None:
        """Set the author's formulas too where the site does not do so: arithmatex finds them."""
        wanted = self.getConfig("math")
        has_own = "arithmatex-inline" in md.inlinePatterns or "arithmatex-block" in md.parser.blockprocessors
        self.typesetter = None
        if wanted == "mathml" or (wanted == "auto" and not has_own):
            if not has_own:
                from pymdownx.arithmatex import ArithmatexExtension

                ArithmatexExtension(generic=True).extendMarkdown(md)
            self.typesetter = Typesetter(self.getConfig("macros"), self._complain)
            self.setConfig("math", "mathml")

    def set_formulas(self, html: str) -> str:
        """Return HTML whose formulas arithmatex marked as the site shows formulas."""
        if self.typesetter:
            return self.typesetter.page(html)
        macro = CLASS_MACROS.get(self.getConfig("math"))
        return called(html, macro) if macro else unmarked(html)

    def _complain(self, message: str) -> None:
        self.warn(f"{(self.page.source if self.page else self.source).file or 'page'}: {message}")

    def settings(self) -> tuple[str, ...]:
        """Return the clauses of the project's settings, with the macros that those of its site define."""
        if self._clauses is None:
            self._clauses = ()
            try:
                path = nearest_settings(self.folder)
                macros = tuple(macro.latex for macro, _ in site_macros(str(self.folder)).macros)
                self._clauses = macros + (read_settings(path).clauses if path else ())
            except SettingsError as error:
                for problem in error.problems:
                    self.warn(problem_text(problem).rstrip())
        return self._clauses

    def _solvers(self) -> tuple[WebSolver, Solver]:
        if not self.getConfig("cache"):
            return partial(solve_for_web, in_numbers=self.in_numbers), solve_for_file
        kept = cache_of(self.folder)
        if self.ahead is None:
            self.ahead = _ahead_in(self.folder, self.settings(), self.in_numbers)
        return kept_in(kept, self.in_numbers, self._may_be_kept_now), kept.solver(solve_for_file)

    @property
    def in_numbers(self) -> bool:
        """Whether solutions have one point in numbers."""
        return "numbers" in self.getConfig("features")

    def _may_be_kept_now(self) -> bool:
        text = self.page.source.text if self.page else ""
        return bool(text) and self.ahead is not None and self.ahead.has_solved(text)

    def _source(self, md: Markdown) -> Source:
        if self.source.text or "rendering_context" not in md.preprocessors:
            return Source(self.source.file, _without_marks(self.source.text))
        context: Any = md.preprocessors["rendering_context"]  # zensical says so which page it renders
        self.folder = Path(context.config["docs_dir"])
        path = self.folder / context.page.path
        try:
            return Source.of(path, _without_marks(path.read_text(encoding="utf-8-sig")))
        except (OSError, UnicodeDecodeError):
            return Source.of(path)


class _Part:
    """What Python-Markdown asks at one moment of the building of a page."""

    def __init__(self, md: Markdown, extension: DeriveExtension) -> None:
        super().__init__(md)  # type: ignore[call-arg]
        self.extension = extension


class _Read(_Part, Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        self.extension.prepare_math(self.md)
        text = _without_marks("\n".join(lines))
        if r"\derive" not in text and "mdderive" not in text:
            return lines
        return self.extension.begin(self.md).read(text).split("\n")


class _LeftOver(_Part, Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        if self.extension.page is None or r"\derive" not in text:
            return lines
        return self.extension.page.read_left_over(text).split("\n")


class _Block(BlockProcessor):
    def __init__(self, md: Markdown, extension: DeriveExtension) -> None:
        super().__init__(md.parser)
        self.extension = extension

    def test(self, parent: Element, block: str) -> bool:
        return self.extension.page is not None and WORD.fullmatch(block.strip()) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        page = self.extension.page
        word = WORD.fullmatch(blocks.pop(0).strip())
        assert page is not None and word is not None
        item = page.items[int(word[1])]
        if page.keeps_text(item):
            self._as_written(page, parent, item)
            return
        dressed = page.block(item)
        # An element with its id, not text, so that builders which check links know it.
        inside = SubElement(parent, "section", dressed.attributes) if dressed.attributes else parent
        SubElement(inside, "p").text = self.parser.md.htmlStash.store(dressed.html)

    def _as_written(self, page: WebPage, parent: Element, item: Item) -> None:
        mode, attributes, summary = page.as_written(item)
        inside = SubElement(parent, "section", attributes)
        if mode == "hide":
            return
        if mode != "show":
            inside = SubElement(inside, "details", {"class": "mdderive-solution"})
            SubElement(inside, "summary").text = summary
        self.parser.parseChunk(inside, item.content)


class _Inline(InlineProcessor):
    def __init__(self, md: Markdown, extension: DeriveExtension) -> None:
        super().__init__(WORD.pattern, md)
        self.extension = extension

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int, int]:
        page = self.extension.page
        if page is None:
            return None, m.start(0), m.end(0)
        item = page.items[int(m[1])]
        html = page.inline_as_written(item) if page.keeps_text(item) else page.inline(item)
        return self.md.htmlStash.store(html), m.start(0), m.end(0)


class _Tree(_Part, Treeprocessor):
    """Fills empty links to numbered blocks, puts problems below their paragraphs, and sets what arithmatex marked."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if "arithmatex" in (element.get("class") or "").split():
                self._formula(element)
            elif self.extension.page is not None:
                self._of_page(element, self.extension.page)
        language = self.extension.page.language if self.extension.page is not None else self.extension.language
        if language != self.extension.language:  # browsers choose faces by it, and voices
            for child in root:
                child.attrib.setdefault("lang", language)
        if self.extension.page is not None and self.extension.page.below:
            self._put_below(root, self.extension.page.below)

    def _of_page(self, element: Element, page: WebPage) -> None:
        if element.tag == "a" and not element.text and not len(element):
            element.text = page.anchors.get((element.get("href") or "").removeprefix("#"))
        elif isinstance(element.text, AtomicString) and "zmdderive" in element.text:
            element.text = AtomicString(escape(page.own_characters(element.text), quote=False))

    def _formula(self, element: Element) -> None:
        text = element.text or ""
        word = WORD.search(text)
        if word and self.extension.page is not None:
            html = self.extension.page.in_math(self.extension.page.items[int(word[1])])
            element.tag = "span"
        elif self.extension.typesetter is not None and text.strip():
            html = self.extension.typesetter.marked(text)
        else:
            return
        element.attrib.clear()
        element.set("class", "mdderive-math")
        stop = STOP.match(element.tail or "")
        if stop and "<wbr>" not in html and element.tag == "span":  # no line begins with it
            element.set("class", "mdderive-math mdderive-together")
            html, element.tail = html + stop[0], (element.tail or "")[stop.end() :]
        element.text = AtomicString(self.md.htmlStash.store(html))

    def _put_below(self, root: Element, below: dict[str, str]) -> None:
        """Put each problem below the block of the page that holds its place."""
        stash = self.md.htmlStash
        for child in reversed(list(root)):
            keys = re.findall(rf"{STX}wzxhzdk:(\d+)", "".join(child.itertext()))
            inside = "".join(str(stash.rawHtmlBlocks[int(key)]) for key in keys)
            for name in reversed([name for name in below if f'id="{name}"' in inside]):
                problem = Element("p")
                problem.text = stash.store(below[name])
                root.insert(list(root).index(child) + 1, problem)


class _Finish(_Part, Postprocessor):
    """Puts the author's characters back into code, takes our comments away, sets formulas, adds style and script."""

    def run(self, text: str) -> str:
        if self.extension.page is not None:
            text = self.extension.page.finished(text)
        text = self.extension.set_formulas(text)
        if 'class="mdderive' in text and self.extension.getConfig("assets") == "inline":
            text += assets_inline()
        return text


def _without_marks(text: str) -> str:
    """Return a text without the two signs that Python-Markdown sets where it puts something aside, as it does."""
    return text.replace(STX, "").replace(ETX, "")


@cache
def asset(name: str) -> str:
    """Return the text of `mdderive.css` or `mdderive.js`; the script, which is no module, with what others import."""
    folder = Path(__file__).parent / "assets"
    text = (folder / name).read_text(encoding="utf-8")
    shared = (folder / CLIPBOARD).read_text(encoding="utf-8").replace("export ", "")
    return text.replace(f"/* {CLIPBOARD} */", shared.strip())


@cache
def assets_inline() -> str:
    """Return style sheet and script as elements of a page; as data, so that no search index takes them for text."""
    style, script = (b64encode(asset(f"mdderive.{x}").encode()).decode() for x in ("css", "js"))
    return (
        f'\n<link rel="stylesheet" href="data:text/css;base64,{style}">'
        f'<script src="data:text/javascript;base64,{script}" defer></script>\n'
    )


@cache
def _ahead_in(folder: Path, clauses: tuple[str, ...], in_numbers: bool) -> Ahead:
    """Return who solves the pages of a folder ahead: one for all extensions, as a builder may make one per page."""
    return Ahead(
        cache_of(folder), clauses, lambda: [x for path in notes_within(str(folder)) for x in _text(path)], in_numbers
    )


def _text(path: str) -> Iterator[str]:
    with suppress(OSError, UnicodeDecodeError):
        yield Path(path).read_text(encoding="utf-8-sig")


def makeExtension(**settings: Any) -> DeriveExtension:  # noqa: N802
    """Return the extension, as Python-Markdown asks for it."""
    return DeriveExtension(**settings)
