"""The plugin for MkDocs and ProperDocs: adds the extension, its style sheet and script, and the generated pages.

It imports `mkdocs.*` alone, which ProperDocs provides too, and writes into the site alone, never into the docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from ..documents.cache import cache_of
from ..question.settings import SETTINGS
from ..words import nearest, say
from .ahead import Ahead
from .course import index_table, objects_as_json, rules_of_course, shown_objects
from .extension import CHOICES, DeriveExtension, asset
from .extras import CALM, FEATURES
from .page import Shown, Source

ASSETS = "assets/mdderive"
PLAYGROUND = "playground"
INDEX = re.compile(r'<div id="mdderive-index">\s*</div>')
_BLOCK = re.compile(
    r'<section class="mdderive (?P<task>.*?)(?P<solution><(?:div|details) class="mdderive-solution".*?)?</section>'
    r'|<div class="mdderive-index">.*?</table></div>',
    re.DOTALL,
)
_FORMULA = re.compile(r'<span class="arithmatex">.*?</span>|<math\b.*?</math>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_IN_WORDS = re.compile(r'<p data-mdderive="(\d+)">.*?</p>', re.DOTALL)
_EMPTY_LINK = re.compile(r'(<a [^>]*href="([^"]*#[^"]+)"[^>]*>)</a>')


class DeriveConfig(Config):
    """What `mkdocs.yml` may say under the plugin."""

    solutions = option.Choice(CHOICES["solutions"], default=SETTINGS["solutions"].default)
    math = option.Choice(CHOICES["math"], default="auto")
    macros = option.Type(dict, default={})
    rules = option.Type(str, default="rules")
    index = option.Type(str, default="derivations.md")
    json = option.Type(str, default="derivations.json")
    features = option.ListOfItems(option.Choice(FEATURES), default=list(CALM))
    cache = option.Type(bool, default=True)
    playground = option.Type(bool, default=False)
    pyodide = option.Type(str, default="node_modules/pyodide")


@dataclass
class _Course:
    """What the pages of one build showed."""

    shown: dict[str, tuple[Page, list[Shown]]] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def pages(self) -> list[tuple[Page, list[Shown]]]:
        """Return the pages with derivations in the order of the navigation, then those that are not in it."""
        last = len(self.order)
        return [x for _, x in sorted(self.shown.items(), key=lambda item: (self.order.get(item[0], last), item[0]))]


class DerivePlugin(BasePlugin[DeriveConfig]):
    """Worked, checked derivations on every page; what goes wrong is a warning, so that a strict build fails."""

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the extension, style sheet and script."""
        names = ("solutions", "math", "macros", "features", "cache")
        self.extension = DeriveExtension(assets="linked", **{name: self.config[name] for name in names})
        self.extension.folder = Path(config.docs_dir)
        self.extension.language = _language(config)
        self.extension.warn = get_plugin_logger("mdderive").warning
        kept = [x for x in config.markdown_extensions if not (x == "mdderive" or isinstance(x, DeriveExtension))]
        config.markdown_extensions[:] = [*kept, self.extension]  # type: ignore[list-item]
        if f"{ASSETS}/mdderive.css" not in config.extra_css:
            config.extra_css.append(f"{ASSETS}/mdderive.css")
            config.extra_javascript.append(f"{ASSETS}/mdderive.js")
        self.extension.answers = self.config.playground
        exercise = ExtraScriptValue(f"{PLAYGROUND}/exercise.js")
        if self.config.playground and exercise.path not in map(str, config.extra_javascript):
            exercise.type = "module"
            config.extra_css.append(f"{PLAYGROUND}/exercise.css")
            config.extra_javascript.append(exercise)
        self.course = _Course()
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add style sheet and script, the pages of the rules, and the index."""
        for name in ("mdderive.css", "mdderive.js"):
            files.append(File.generated(config, f"{ASSETS}/{name}", content=asset(name)))
        for path, text in self._pages(config):
            if files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
        for name, data in self._playground(config).items():
            files.append(File.generated(config, f"{PLAYGROUND}/{name}", content=data))
        return files

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        """Remember the order of the pages, and let their markers be solved ahead."""
        self.course.order = {page.file.src_uri: k for k, page in enumerate(nav.pages)}
        if self.config.cache:
            self.extension.ahead = Ahead(
                cache_of(Path(config.docs_dir)),
                self.extension.settings(),
                lambda: [file.content_string for file in files.documentation_pages()],
                self.extension.in_numbers,
            )

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Tell the extension which file comes next, and where the rules are, seen from its page."""
        self.extension.source = Source.of(Path(config.docs_dir, page.file.src_uri), page.file.content_string)
        if self.config.rules:
            ending = "/" if config.use_directory_urls else ".html"
            self.extension.setConfig("rules", get_relative_url(f"{self.config.rules}/{{}}{ending}", page.url))

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Keep what the page showed."""
        built = self.extension.page
        if built is not None and built.shown and not page.file.src_uri.startswith(f"{self.config.rules}/"):
            self.course.shown[page.file.src_uri] = (page, built.shown_in_order())
            self.course.anchors.update({_place(page.url, f"#{name}"): text for name, text in built.anchors.items()})

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> None:
        """Fill what needs all pages: the index, and links to numbered blocks of other pages."""
        for file in files.documentation_pages():
            page = file.page
            if page is None or page.content is None:
                continue
            if "></a>" in page.content:
                page.content = _EMPTY_LINK.sub(partial(self._refer, page.url), page.content)
            if 'id="mdderive-index"' in page.content:
                table = self.extension.set_formulas(index_table(self._entries(page.url), _language(config)))
                page.content = INDEX.sub(lambda _: table, page.content)  # noqa: B023

    @event_priority(100)
    def _before_search(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        """Let search read a task as it stands, and of its solution the words: its formulas find nothing."""
        self.blocks: list[str] = []
        page.content = _BLOCK.sub(self._in_words, page.content or "")

    @event_priority(-100)
    def _after_search(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        page.content = _IN_WORDS.sub(lambda match: self.blocks[int(match[1])], page.content or "")

    on_page_context = CombinedEvent(_before_search, _after_search)

    def _in_words(self, match: re.Match[str]) -> str:
        task = f"<{match['task']}" if match["task"] else ""  # it begins within a tag; the index has none
        words = f"{_TAG.sub('', task)} {_TAG.sub(' ', _FORMULA.sub('…', match['solution'] or ''))}"
        self.blocks.append(match.group())
        return f'<p data-mdderive="{len(self.blocks) - 1}">{" ".join(words.split())}</p>'

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write `derivations.json`."""
        if self.extension.ahead:
            self.extension.ahead.end()
        if not self.config.json:
            return
        objects = [
            {**one, "page": f"{page.url}#{shown.anchor}" if shown.anchor else page.url}
            for page, all_shown in self.course.pages()
            for shown in all_shown
            for one in shown_objects(shown, page.file.src_uri)
        ]
        Path(config.site_dir, self.config.json).write_text(objects_as_json(objects), encoding="utf-8")

    def _playground(self, config: MkDocsConfig) -> dict[str, bytes]:
        """Return the files of the playground, none where the site has none."""
        if not self.config.playground:
            return {}
        from .runtime import NoPyodideError, site_files

        folder = Path(config.config_file_path).parent / self.config.pyodide
        rules = f"../{self.config.rules}/{{}}/" if self.config.rules and config.use_directory_urls else ""
        try:
            return site_files(folder, rules=rules)
        except NoPyodideError as error:
            get_plugin_logger("mdderive").warning("no playground: %s", error)
            return {}

    def _pages(self, config: MkDocsConfig) -> Iterator[tuple[str, str]]:
        language = _language(config)
        if self.config.rules:
            cache = cache_of(Path(config.docs_dir)) if self.config.cache else None
            for name, text in rules_of_course(language, cache):
                yield f"{self.config.rules}/{name}.md", text
        if self.config.index:
            yield self.config.index, f'# {say(language, "index")}\n\n<div id="mdderive-index"></div>\n'

    def _refer(self, url: str, match: re.Match[str]) -> str:
        text = self.course.anchors.get(_place(url, match[2]), "")
        return f"{match[1]}{text}</a>"

    def _entries(self, url: str) -> Iterator[tuple[str, str, Shown]]:
        """Yield (title of the page, link, what was shown) in the order of the pages."""
        for page, all_shown in self.course.pages():
            for shown in all_shown:
                anchor = f"#{shown.anchor}" if shown.anchor else ""
                link = get_relative_url(page.url, url)
                yield str(page.title), f"{link}{'/' * link.endswith('..')}{anchor}", shown


def _place(url: str, link: str) -> str:
    """Return what a link on the page at `url` leads to, seen from the root of the site."""
    path, _, anchor = link.partition("#")
    return f"{normpath(join(dirname(url), path) if path else url)}#{anchor}"


def _language(config: MkDocsConfig) -> str:
    """Return the language of generated pages: that of the theme."""
    named = str(config.theme.get("language") or config.theme.get("locale") or "en")
    return nearest(named)
