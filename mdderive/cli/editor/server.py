"""The language server over stdio: what the pure functions of this room say, as messages of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ... import __version__
from ..workers import solve
from .actions import FIX_ALL, QUICKFIX, REWRITE, actions
from .analysis import Analysis, analysed, with_misfits
from .completion import completions, settings_completions
from .desk import Desk, Opened, is_settings
from .engine import Engine
from .hover import hover
from .memory import Memory
from .messages import Speaker
from .outline import definition, folds, id_at, ids, inlaid, links, outline, renamed, unfit
from .positions import Encoding
from .sheets import Sheet, sheet_of_cells, sheet_of_document

Result = TypeVar("Result")
QUIET = 0.01
"""How many seconds somebody must not have typed before the page is read."""
LONG_QUIET = 0.5
"""The same for what takes longer to find."""
WATCHED = ("**/pyproject.toml", "**/*.{tex,sty,cls}")
"""The files that may change what is said of others: settings, and what a document takes in."""
TRIGGERS = ["\\", "[", ";", ":", " ", "#"]


class Server(LanguageServer):
    """A language server, the pages that its client has open, and the engine that reads them."""

    def __init__(self) -> None:
        super().__init__(
            "mdderive",
            f"v{__version__}",
            text_document_sync_kind=lsp.TextDocumentSyncKind.Full,
            notebook_document_sync=lsp.NotebookDocumentSyncOptions(
                notebook_selector=[
                    lsp.NotebookDocumentFilterWithCells(cells=[lsp.NotebookCellLanguage(language="markdown")])
                ]
            ),
        )
        self.engine = Engine()
        self.memory = Memory(solve)
        self.desk = Desk()
        self.options: dict[str, Any] = {}

    @property
    def encoding(self) -> Encoding:
        """The units in which the client counts."""
        kind = self.server_capabilities.position_encoding or "utf-16"
        return {"utf-8": "utf-8", "utf-32": "utf-32"}.get(str(getattr(kind, "value", kind)), "utf-16")  # type: ignore[return-value]

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Tell the client of an error, but for those that are an answer."""
        if not isinstance(error, (JsonRpcContentModified, JsonRpcInvalidParams)):
            super().report_server_error(error, source)

    # --- pages

    def begin(self, opened: Opened, quiet: float = QUIET) -> None:
        """Read a page anew, in place of what is read of it now."""
        opened.let_go()
        opened.task = asyncio.get_running_loop().create_task(self._analyse(opened, quiet))
        opened.task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and isinstance(error, Exception):
            self.report_server_error(error, type(self))

    async def _analyse(self, opened: Opened, quiet: float) -> Analysis:
        await asyncio.sleep(quiet)
        sheet = opened.sheet
        found = await self.engine.run(partial(self._read, sheet))
        if self.desk.has(opened) and opened.sheet is sheet:
            self.publish(opened, found)
            opened.afterthought = asyncio.get_running_loop().create_task(self._think_again(opened, found))
            opened.afterthought.add_done_callback(self._told)
        return found

    async def _think_again(self, opened: Opened, found: Analysis) -> None:
        """Tell what takes longer to find, when nobody has typed for a while."""
        sheet = opened.sheet
        await asyncio.sleep(LONG_QUIET)
        more = await self.engine.run(partial(with_misfits, found, self.memory))
        if more is not found and self.desk.has(opened) and opened.sheet is sheet:
            self.publish(opened, more)

    def _read(self, sheet: Sheet) -> Analysis:
        judging = bool(self.options.get("lint", True))
        return analysed(sheet.text, sheet.kind, self.desk.project_of(sheet), self.memory, judging)

    def publish(self, opened: Opened, analysis: Analysis) -> None:
        """Show what is wrong with a page."""
        speaker = Speaker(opened.sheet)
        by_uri = speaker.diagnostics(analysis)
        for document in opened.sheet.documents:
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(document.uri, by_uri.get(document.uri, []), opened.version)
            )

    async def analysis(self, uri: str) -> tuple[Opened, Analysis] | None:
        """Return a page and what is known of it as it is now; None if it is none of ours.

        Raises:
            JsonRpcContentModified: somebody typed meanwhile.
        """
        opened = self.desk.page_of(uri)
        if opened is None or opened.task is None:
            return None
        sheet = opened.sheet
        try:
            found = await asyncio.shield(opened.task)
        except asyncio.CancelledError:
            self.expect(opened, sheet)
            raise
        self.expect(opened, sheet)
        return opened, found

    def expect(self, opened: Opened, sheet: Sheet) -> None:
        """Do nothing if a page is still what it was.

        Raises:
            JsonRpcContentModified: it is not.
        """
        if opened.sheet is not sheet:
            raise JsonRpcContentModified("somebody typed meanwhile")

    async def ask(self, uri: str, question: Callable[[Opened, Analysis], Result]) -> tuple[Speaker, Result] | None:
        """Return the answer that the engine has to a question about a page as it is now.

        Raises:
            JsonRpcContentModified: somebody typed meanwhile.
        """
        known = await self.analysis(uri)
        if known is None:
            return None
        opened, analysis = known
        sheet = opened.sheet
        answer = await self.engine.run(partial(question, opened, analysis))
        self.expect(opened, sheet)
        return Speaker(sheet), answer

    def settings_changed(self) -> None:
        """Read every page anew under the settings that hold now."""
        self.desk.forget_settings()
        self.files_changed()

    def files_changed(self) -> None:
        """Read every page anew, since what it takes from files beside it may say something else now."""
        for opened in self.desk.pages():
            self.begin(opened)


def made_server() -> Server:
    """Return a server that knows what to do with each message."""
    server = Server()
    for add in (_add_pages, _add_notebooks, _add_settings, _add_answers, _add_names):
        add(server)
    return server


# --- what is open ----------------------------------------------------------------------------------------------


def _path(uri: str) -> Path | None:
    path = to_fs_path(uri)
    return Path(path) if path and uri.startswith("file:") else None


def _add_pages(server: Server) -> None:
    @server.feature(lsp.INITIALIZE)
    def _initialize(params: lsp.InitializeParams) -> None:
        given = params.initialization_options
        server.options = dict(given) if isinstance(given, dict) else {}

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def _open(params: lsp.DidOpenTextDocumentParams) -> None:
        one = params.text_document
        if is_settings(one.uri):
            _publish_settings(server, one.uri)
            return
        sheet = sheet_of_document(one.uri, _path(one.uri), one.language_id, one.text, server.encoding)
        if sheet is not None:
            server.begin(server.desk.open(one.uri, sheet, one.version, one.language_id), quiet=0)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def _change(params: lsp.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        document = server.workspace.get_text_document(uri)
        if is_settings(uri):
            _publish_settings(server, uri)
        elif opened := server.desk.changed(uri, document.source, params.text_document.version, server.encoding):
            server.begin(opened)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def _close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.desk.close(params.text_document.uri)
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


def _add_notebooks(server: Server) -> None:
    def read(uri: str, quiet: float) -> None:
        notebook = server.workspace.get_notebook_document(notebook_uri=uri)
        if notebook is None:
            return
        cells = [x.document for x in notebook.cells if x.kind == lsp.NotebookCellKind.Markup]
        texts = [(cell, server.workspace.get_text_document(cell).source) for cell in cells]
        sheet = sheet_of_cells(texts, _path(uri), server.encoding)
        before = server.desk.page_of(uri)
        for gone in {x.uri for x in before.sheet.documents} - set(cells) if before else ():
            server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(gone, []))
        server.begin(server.desk.open(uri, sheet, notebook.version), quiet)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def _open(params: lsp.DidOpenNotebookDocumentParams) -> None:
        read(params.notebook_document.uri, quiet=0)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def _change(params: lsp.DidChangeNotebookDocumentParams) -> None:
        read(params.notebook_document.uri, quiet=QUIET)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def _close(params: lsp.DidCloseNotebookDocumentParams) -> None:
        server.desk.close(params.notebook_document.uri)
        for cell in params.cell_text_documents:
            server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(cell.uri, []))


# --- settings --------------------------------------------------------------------------------------------------


def _add_settings(server: Server) -> None:
    @server.feature(lsp.INITIALIZED)
    async def _watch(_: lsp.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watched = workspace and workspace.did_change_watched_files
        if watched and watched.dynamic_registration:
            options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(x) for x in WATCHED])
            one = lsp.Registration("settings", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(lsp.RegistrationParams([one]))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _changed(params: lsp.DidChangeWatchedFilesParams) -> None:
        if any(is_settings(x.uri) for x in params.changes):
            server.settings_changed()
        else:
            server.files_changed()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def _saved(params: lsp.DidSaveTextDocumentParams) -> None:
        if is_settings(params.text_document.uri):
            server.settings_changed()
        else:
            server.files_changed()


def _publish_settings(server: Server, uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    found = Speaker.of_settings(uri, document.source, server.encoding)
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, document.version))


# --- answers ---------------------------------------------------------------------------------------------------


def _add_answers(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def _hover(params: lsp.HoverParams) -> lsp.Hover | None:
        uri, at = params.text_document.uri, params.position
        found = await server.ask(uri, lambda o, a: hover(a, o.sheet.offset(uri, at.line, at.character), server.memory))
        return found[0].hover(found[1]) if found and found[1] else None

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[QUICKFIX, REWRITE, FIX_ALL]),
    )
    async def _actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri, chosen = params.text_document.uri, params.range

        def offered(opened: Opened, analysis: Analysis) -> Any:
            start = opened.sheet.offset(uri, chosen.start.line, chosen.start.character)
            end = opened.sheet.offset(uri, chosen.end.line, chosen.end.character)
            return actions(analysis, start, end, server.memory)

        found = await server.ask(uri, offered)
        return found[0].actions(found[1], params.context) if found else []

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=False)
    )
    async def _complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        uri, at = params.text_document.uri, params.position
        if is_settings(uri):
            sheet = Speaker.sheet_of_settings(uri, server.workspace.get_text_document(uri).source, server.encoding)
            return Speaker(sheet).completions(
                settings_completions(sheet.text, sheet.offset(uri, at.line, at.character))
            )
        opened = server.desk.page_of(uri)
        if opened is None:
            return []
        sheet = opened.sheet  # what is being typed need not have been understood
        names = ids(opened.task.result()) if opened.is_read and opened.task else {}
        work = partial(completions, sheet.text, sheet.kind, sheet.offset(uri, at.line, at.character), names)
        return Speaker(sheet).completions(await server.engine.run(work))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def _symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        uri = params.text_document.uri
        found = await server.ask(uri, lambda _, analysis: outline(analysis))
        return found[0].symbols(found[1], uri) if found else []

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    async def _folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        uri = params.text_document.uri
        found = await server.ask(uri, lambda _, analysis: folds(analysis))
        return found[0].folds(found[1], uri) if found else []

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def _inlay(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        uri = params.text_document.uri
        found = await server.ask(uri, lambda _, analysis: inlaid(analysis))
        return found[0].inlaid(found[1], uri) if found else []


# --- names -----------------------------------------------------------------------------------------------------


def _add_names(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def _definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        uri, at = params.text_document.uri, params.position
        found = await server.ask(uri, lambda o, a: definition(a, o.sheet.offset(uri, at.line, at.character)))
        return [found[0].location(*x) for x in found[1]] if found else []

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    async def _named(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        uri, at = params.text_document.uri, params.position
        found = await server.ask(uri, lambda o, a: id_at(a, o.sheet.offset(uri, at.line, at.character)))
        return found[0].range(*found[1][1:]) if found and found[1] else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    async def _rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        uri, at, new = params.text_document.uri, params.position, params.new_name

        def changes(opened: Opened, analysis: Analysis) -> Any:
            named = id_at(analysis, opened.sheet.offset(uri, at.line, at.character))
            if named is None:
                return None
            if why := unfit(analysis, named[0], new):
                raise JsonRpcInvalidParams(why)
            others = server.desk.links_elsewhere(opened, partial(links, name=named[0]), server.encoding)
            return renamed(analysis, named[0], new), others

        found = await server.ask(uri, changes)
        if found is None or found[1] is None:
            return None
        own, others = found[1]
        return found[0].rename(own, others, new)


def serve() -> int:
    """Serve one client over stdio until it has had enough, and return the exit status."""
    server = made_server()
    try:
        server.start_io()
    finally:
        server.engine.close()
    return 0


__all__: Sequence[str] = ("Server", "made_server", "serve")
