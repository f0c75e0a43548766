"""What a client has open, and the settings that hold there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...documents.book import chapters_before
from ...documents.files import decode
from ...documents.folders import notes_within, project_root
from ...documents.formats import format_named
from ...documents.settings import Settings, SettingsError, nearest_settings, read_settings
from ...errors import DeriveError
from ..inputs import check_clauses
from .analysis import Analysis, Project
from .positions import Encoding
from .sheets import ClientRange, Sheet, sheet_of_document

SETTINGS = "pyproject.toml"


@dataclass(eq=False)
class Opened:
    """A page that is open, its version, and what is being found out of it."""

    sheet: Sheet
    version: int
    language: str = ""
    task: asyncio.Task[Analysis] | None = None
    afterthought: asyncio.Task[None] | None = None

    def let_go(self) -> None:
        """Find out nothing more of the page as it was."""
        for task in (self.task, self.afterthought):
            if task is not None:
                task.cancel()

    @property
    def is_read(self) -> bool:
        """Whether all is known of the page as it is now."""
        task = self.task
        return task is not None and task.done() and not task.cancelled() and task.exception() is None


@dataclass
class Desk:
    """The pages that are open, by the URI of the document or notebook."""

    _pages: dict[str, Opened] = field(default_factory=dict)
    _of_cell: dict[str, str] = field(default_factory=dict)
    _settings: dict[Path, Project] = field(default_factory=dict)

    def open(self, uri: str, sheet: Sheet, version: int, language: str = "") -> Opened:
        """Return a page that was opened, or that has changed."""
        opened = self._pages.setdefault(uri, Opened(sheet, version, language))
        opened.sheet, opened.version = sheet, version
        self._of_cell = {cell: owner for cell, owner in self._of_cell.items() if owner != uri}
        self._of_cell |= {document.uri: uri for document in sheet.documents}
        return opened

    def changed(self, uri: str, text: str, version: int, encoding: Encoding) -> Opened | None:
        """Return a page whose text has changed, None if it is none of ours."""
        opened = self._pages.get(uri)
        if opened is None:
            return None
        sheet = sheet_of_document(uri, opened.sheet.path, opened.language, text, encoding)
        if sheet is not None:
            opened.sheet, opened.version = sheet, version
        return opened

    def close(self, uri: str) -> None:
        """Forget a page."""
        opened = self._pages.pop(uri, None)
        if opened is not None:
            opened.let_go()
        self._of_cell = {cell: owner for cell, owner in self._of_cell.items() if owner != uri}

    def page_of(self, uri: str) -> Opened | None:
        """Return the page of a document, or of the notebook of a cell; None if there is none."""
        return self._pages.get(self._of_cell.get(uri, uri))

    def has(self, opened: Opened) -> bool:
        """Whether a page is still open."""
        return opened in self._pages.values()

    def pages(self) -> list[Opened]:
        """Return all pages."""
        return list(self._pages.values())

    # --- settings

    def forget_settings(self) -> None:
        """Read the settings again when they are asked for."""
        self._settings.clear()

    def project_of(self, sheet: Sheet) -> Project:
        """Return what holds on a page from elsewhere: from its project, and from files that it includes."""
        if sheet.path is None:
            return Project()
        folder = sheet.path.parent
        if folder not in self._settings:
            self._settings[folder] = _told(folder)
        told = self._settings[folder]
        told = told._replace(before=chapters_before(sheet.path, told.clauses))
        follows = format_named(sheet.kind).follows
        if follows is None:
            return told
        return told._replace(clauses=follows()(sheet.path, sheet.text).around(told.clauses))

    # --- other pages

    def links_elsewhere(
        self, opened: Opened, find: Callable[..., list[tuple[int, int]]], encoding: Encoding
    ) -> list[ClientRange]:
        """Return where other pages of the project link to something on a page; `find` finds the links in a text."""
        path = opened.sheet.path
        if path is None:
            return []
        found: list[ClientRange] = []
        for other in _notes_around(path):
            if (sheet := self._sheet_of(other, encoding)) is not None:
                found += [sheet.spot(*link) for link in find(sheet.text, page=path.name)]
        return found

    def _sheet_of(self, path: Path, encoding: Encoding) -> Sheet | None:
        """Return a page as the client has it, or as it is on the disk."""
        mine = next((x.sheet for x in self._pages.values() if x.sheet.path == path), None)
        if mine is not None:
            return mine
        try:
            return sheet_of_document(path.as_uri(), path, "", decode(path.read_bytes()), encoding)
        except (OSError, DeriveError):
            return None


def _notes_around(path: Path) -> Iterator[Path]:
    root = project_root(str(path.parent))
    yield from (note for x in notes_within(root) if (note := Path(x).absolute()) != path)


def _told(folder: Path) -> Project:
    try:
        file = nearest_settings(folder)
        settings = read_settings(file) if file else Settings()
        check_clauses(settings)
    except SettingsError as error:
        return Project((), error.problems)
    return Project(settings.clauses, (), settings.severities)


def is_settings(uri: str) -> bool:
    """Whether a document holds the settings of a project."""
    return uri.endswith(f"/{SETTINGS}")
