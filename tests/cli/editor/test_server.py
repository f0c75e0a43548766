"""The language server with a real client, over stdio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from mdderive import expand

pytest.importorskip("pygls")
pytest_lsp = pytest.importorskip("pytest_lsp")

from lsprotocol import types as lsp  # noqa: E402
from places import ROOT  # noqa: E402
from pytest_lsp import ClientServerConfig, LanguageClient  # noqa: E402

COMMAND = [sys.executable, "-m", "mdderive", "server", "--stdio"]
CONFIG = ClientServerConfig(server_command=COMMAND, server_env={"PYTHONPATH": str(ROOT)})
HEAVY = r"\derive<\operatorname{tr}((AXB)^{-1}(CXD)^{-1}(EXF)^{-1}(GXH)^{-1})+\log|X^TX+\sum_k x_kx_k^T|><X>"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_lsp.fixture(scope="module", config=CONFIG)  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities=lsp.ClientCapabilities()))
    yield
    await lsp_client.shutdown_session()


class Author:
    """Somebody who types into one document."""

    def __init__(self, client: LanguageClient, path: Path, text: str, language: str = "markdown") -> None:
        self.client = client
        self.uri = path.as_uri()
        self.text = text
        self.version = 1
        self.document = lsp.TextDocumentIdentifier(self.uri)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, language, 1, text)))

    def type(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        client, versioned = self.client, lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(versioned, [lsp.TextDocumentContentChangeWholeDocument(text)])
        )

    def at(self, what: str, more: int = 0) -> lsp.Position:
        """Return where something stands, as the protocol counts."""
        before = self.text[: self.text.index(what) + more]
        last = before.rpartition("\n")[2]
        return lsp.Position(before.count("\n"), len(last.encode("utf-16-le")) // 2)

    def within(self, range: lsp.Range) -> str:
        """Return the text of a range."""
        lines = [line.encode("utf-16-le") for line in self.text.split("\n")]
        assert range.start.line == range.end.line
        return lines[range.start.line][2 * range.start.character : 2 * range.end.character].decode("utf-16-le")

    async def told(self) -> list[lsp.Diagnostic]:
        """Return the diagnostics of the text as it is now."""
        async with asyncio.timeout(60):
            while True:
                found = self.client.diagnostics.get(self.uri)
                if found is not None and self.published() == self.version:
                    return list(found)
                await self.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

    def published(self) -> int:
        return versions(self.client).get(self.uri, 0)

    def apply(self, edits: Sequence[lsp.TextEdit]) -> None:
        """Type what an action asks for, the last change first."""
        text = self.text
        for edit in sorted(edits, key=lambda x: (x.range.start.line, x.range.start.character), reverse=True):
            text = text[: self.offset(edit.range.start)] + edit.new_text + text[self.offset(edit.range.end) :]
        self.type(text)

    def offset(self, position: lsp.Position) -> int:
        """Return where in the text a place of the protocol is."""
        lines = self.text.split("\n")
        units = lines[position.line].encode("utf-16-le")[: 2 * position.character]
        return sum(len(x) + 1 for x in lines[: position.line]) + len(units.decode("utf-16-le"))

    async def actions(self, position: lsp.Position) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext(await self.told())
        params = lsp.CodeActionParams(self.document, lsp.Range(position, position), context)
        found = await self.client.text_document_code_action_async(params)
        return [x for x in found or [] if isinstance(x, lsp.CodeAction)]


def versions(client: LanguageClient) -> dict[str, int]:
    """Return of which version the diagnostics of each document are."""
    if not hasattr(client, "published_versions"):
        client.published_versions = {}  # type: ignore[attr-defined]
        known = client.protocol.fm.features[lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

        def keep(params: lsp.PublishDiagnosticsParams) -> None:
            client.published_versions[params.uri] = params.version or 0  # type: ignore[attr-defined]
            known(params)

        client.protocol.fm.features[lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = keep
    return client.published_versions  # type: ignore[attr-defined,no-any-return]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds of the diagnostics."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.fixture
def notes(client: LanguageClient, tmp_path: Path) -> Path:
    versions(client)
    return tmp_path / "notes.md"


PAGE = "# \U0001d4b3\n\n\\derive<x^TAx><x>\n\n\U0001d4b3: $\\nabla_x (a^Tx) = 2a$ and \U0001d4b3 \\derive<Ax><y>.\n"


async def test_diagnostics_stand_where_the_client_counts(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, PAGE)
    found = {x.code: x for x in await author.told()}
    assert {code: author.within(x.range) for code, x in found.items()} == {
        "E511": r"\derive<x^TAx><x>", "E701": "2a", "E142": "y",
    }  # fmt: skip
    assert [x.severity for x in found.values()] == [2, 1, 1]
    assert all(x.source == "mdderive" and x.code_description for x in found.values())


async def test_an_action_mends_and_the_page_is_read_anew(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, PAGE)
    [use, *_] = await author.actions(author.at("2a$"))
    assert use.title == "Use the right formula: a" and use.is_preferred
    assert [x.code for x in use.diagnostics or []] == ["E701"]
    assert use.edit and use.edit.changes
    [edit] = use.edit.changes[author.uri]
    assert author.within(edit.range) == "2a" and edit.new_text == "a"
    author.type(PAGE.replace("2a", "a"))
    assert [x.code for x in await author.told()] == ["E511", "E142"]


SOLVED = expand("\\derive<a^Tx><x>\n", "markdown").text
EDITED = SOLVED.replace("Take the differential", "I take it")
QUADRATIC = "So $\\nabla_x\\, x^TAx = {}x$ is said.\n"


@pytest.mark.parametrize(
    ("page", "where", "title", "told", "then"),
    [
        ("\\derive<a^Tx><x>\n", "\\derive", "Insert the solution", ["E511"], SOLVED),
        (SOLVED.replace("<a^T", "<b^T", 1), "\\derive", "Refresh the solution", ["E512"], ""),
        (SOLVED, "Take", "Strip the solution", [], "\\derive<a^Tx><x>\n"),
        (EDITED, "I take", "Keep what", ["E510"], ""),
        (EDITED, "I take", "Replace what", ["E510"], SOLVED),
        (EDITED, "I take", "Make plain text", ["E510"], ""),
        (QUADRATIC.format("A"), "Ax$ is", "Use the right formula", ["E701"], QUADRATIC.format("(A+A^\\top)")),
        (QUADRATIC.format("2A"), "2Ax", "Say that A is symmetric", ["E703"], ""),
        (QUADRATIC.format("A"), "Ax$ is", "Ignore E701 here", ["E701"], ""),
        ("\\derive<\\mathbf{1}^T x y><x>\n", "\\mathbf", "Say here", ["E205"], ""),
        ("\\derive<\\mathbf{1}^T x y><x>\n", "\\mathbf", "Say for the page", ["E205"], ""),
        (QUADRATIC.format("(A+A^T)"), "(A+A", "Insert a worked derivation", [], ""),
    ],
    ids=lambda x: x if isinstance(x, str) and x[:1].isupper() and len(x) < 30 else "",
)
async def test_every_action(
    client: LanguageClient, notes: Path, page: str, where: str, title: str, told: list[str], then: str
) -> None:
    """What is told is no longer told once the action is done, and the page is what it should be."""
    author = Author(client, notes, page)
    before = [x.code for x in await author.told()]
    assert before == told
    chosen = next(x for x in await author.actions(author.at(where)) if x.title.startswith(title))
    assert chosen.edit and chosen.edit.changes and [author.uri] == list(chosen.edit.changes)
    author.apply(chosen.edit.changes[author.uri])
    if then:
        assert author.text == then
    mended = [x.code for x in chosen.diagnostics or []]
    assert mended == told
    assert not set(mended) & {x.code for x in await author.told()}


async def test_hover_on_a_row_and_on_a_claim_definitions_and_folds(client: LanguageClient, notes: Path) -> None:
    solved = expand("\\derive<\\|Xw-y\\|^2><w>\n", "markdown").text
    author = Author(client, notes, f"{solved}\n<!-- mdderive: A: symmetric -->\n\n{QUADRATIC.format('3A')}")

    async def hovered(position: lsp.Position) -> str:
        found = await client.text_document_hover_async(lsp.HoverParams(author.document, position))
        assert isinstance(found, lsp.Hover) and isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    assert "checked exactly" in await hovered(author.at("2(Xw-y)"))
    assert (await hovered(author.at("3Ax"))).startswith("**false**")
    [fold] = await client.text_document_folding_range_async(lsp.FoldingRangeParams(author.document)) or []
    assert author.text.split("\n")[fold.start_line].startswith("<!-- mdderive \\derive")
    assert author.text.split("\n")[fold.end_line].startswith("<!-- /mdderive")
    author.type("<!-- mdderive: w: n x 1 -->\n\n\\derive<w^Tw><w>\n")
    asked = lsp.DefinitionParams(author.document, author.at("^Tw", 2))
    [place] = await client.text_document_definition_async(asked) or []
    assert isinstance(place, lsp.Location) and author.within(place.range) == "w: n x 1"


async def test_only_the_kinds_that_are_asked_for(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, PAGE)
    await author.told()
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    context = lsp.CodeActionContext([], only=[lsp.CodeActionKind.SourceFixAll])
    found = await client.text_document_code_action_async(lsp.CodeActionParams(author.document, whole, context))
    assert [x.title for x in found or []] == ["Insert or refresh all solutions"]


async def test_hover(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, PAGE)
    shown = await client.text_document_hover_async(lsp.HoverParams(author.document, author.at("\\derive", 2)))
    assert isinstance(shown, lsp.Hover) and isinstance(shown.contents, lsp.MarkupContent)
    assert "∂f/∂x = " in shown.contents.value
    assert await client.text_document_hover_async(lsp.HoverParams(author.document, lsp.Position(0, 0))) is None


async def test_the_outline_and_what_stands_behind_markers(client: LanguageClient, notes: Path) -> None:
    author = Author(
        client, notes, "So \\derive<a^Tx><x> and\n\n\\derive<x^TAx><x>[title: A form; id: form]\n\n[to](#form)\n"
    )
    symbols = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(author.document))
    assert [x.name for x in symbols or []] == ["∂(a^T x)/∂(x)", "A form"]
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    [inlaid] = await client.text_document_inlay_hint_async(lsp.InlayHintParams(author.document, whole)) or []
    assert inlaid.label == " = a" and inlaid.position == author.at(" and")
    place = lsp.PrepareRenameParams(author.document, author.at("form)", 1))
    named = await client.text_document_prepare_rename_async(place)
    assert isinstance(named, lsp.Range) and author.within(named) == "form"


async def test_a_rename_reaches_the_links_of_other_pages(client: LanguageClient, notes: Path) -> None:
    (notes.parent / "pyproject.toml").write_text("", encoding="utf-8")
    other = notes.parent / "other.md"
    other.write_text("See [it](notes.md#form), not [this](#form).\n", encoding="utf-8")
    author = Author(client, notes, "\\derive<x^TAx><x>[id: form]\n\n[to](#form)\n")
    params = lsp.RenameParams(author.document, author.at("form]", 1), "quadratic")
    found = await client.text_document_rename_async(params)
    assert found and found.changes
    assert {uri: len(edits) for uri, edits in found.changes.items()} == {author.uri: 2, other.as_uri(): 1}


async def test_completion(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, "\\derive<x^TAx><x>[A: s")
    position = author.at("s", 1)
    found = await client.text_document_completion_async(lsp.CompletionParams(author.document, lsp.Position(0, 22)))
    assert isinstance(found, list) and position
    assert "symmetric" in [x.label for x in found]


async def test_the_settings_of_the_project(client: LanguageClient, notes: Path) -> None:
    settings = notes.parent / "pyproject.toml"
    settings.write_text('[tool.mdderive]\nwhere = ["A: symmetric"]\n', encoding="utf-8")
    author = Author(client, notes, "So $\\nabla_x\\, x^TAx = 2Ax$.\n")
    assert await author.told() == []
    settings.write_text('[tool.mdderive]\nlang = "xx"\n', encoding="utf-8")
    other = Author(client, settings, settings.read_text(encoding="utf-8"), "toml")
    assert [x.code for x in await other.told()] == ["E605"]
    client.text_document_did_save(lsp.DidSaveTextDocumentParams(other.document))
    author.type(author.text + "\n")
    [problem] = await author.told()
    assert problem.code == "E605" and "pyproject.toml:2:1: " in problem.message
    found = await client.text_document_completion_async(lsp.CompletionParams(other.document, lsp.Position(1, 8)))
    assert isinstance(found, list) and "zh" in [x.label for x in found]


async def test_cells_of_a_notebook_are_one_page(client: LanguageClient, tmp_path: Path) -> None:
    versions(client)
    uri = (tmp_path / "notes.ipynb").as_uri()
    texts = ["<!-- mdderive: A: symmetric -->", "x = 1", "So $\\nabla_x\\, x^TAx = Ax$.", "\\derive<x^TAx><x>"]
    kinds = [lsp.NotebookCellKind.Markup, lsp.NotebookCellKind.Code, *[lsp.NotebookCellKind.Markup] * 2]
    cells = [lsp.NotebookCell(kind, f"{uri}#c{k}") for k, kind in enumerate(kinds)]
    documents = [
        lsp.TextDocumentItem(cell.document, "markdown" if cell.kind == 1 else "python", 1, text)
        for cell, text in zip(cells, texts, strict=True)
    ]
    notebook = lsp.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(notebook, documents))
    async with asyncio.timeout(60):
        while len([x for x in client.diagnostics if x.startswith(uri)]) < 3:
            await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    found = {
        one.rpartition("#")[2]: [(x.code, x.range.start) for x in told]
        for one, told in client.diagnostics.items()
        if one.startswith(uri)
    }
    assert found == {"c0": [], "c2": [("E701", lsp.Position(0, 23))], "c3": [("E511", lsp.Position(0, 0))]}
    at = lsp.Range(lsp.Position(0, 23), lsp.Position(0, 23))
    params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(cells[2].document), at, lsp.CodeActionContext([]))
    offered = await client.text_document_code_action_async(params)
    assert offered and isinstance(offered[0], lsp.CodeAction) and offered[0].edit
    assert offered[0].title.startswith("Use the right formula: ") and list(offered[0].edit.changes or {}) == [
        f"{uri}#c2"
    ]


async def test_no_answer_is_of_an_older_text(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, PAGE)
    for k in range(2, 60):
        author.type(PAGE.replace("2a", f"{k}a"))
    author.type(PAGE.replace("2a", "a"))
    assert [x.code for x in await author.told()] == ["E511", "E142"]
    await asyncio.sleep(0.5)
    assert author.published() == author.version
    params = lsp.HoverParams(author.document, author.at("\\derive", 2))
    asked = asyncio.ensure_future(client.text_document_hover_async(params))
    await asyncio.sleep(0)
    author.type("\n" + PAGE)
    try:
        shown = await asked
    except Exception as error:
        assert "typed meanwhile" in str(error)
    else:
        assert shown is None or "A+A" in str(shown)


async def test_what_is_cancelled_stops(client: LanguageClient, notes: Path) -> None:
    """A page that takes long is left, and the next is read at once."""
    heavy = "".join(f"{HEAVY.replace('<', f'<{k}', 1)}\n\n" for k in range(2, 42))
    author = Author(client, notes, heavy)
    params = lsp.HoverParams(author.document, lsp.Position(0, 3))
    asked = asyncio.ensure_future(client.text_document_hover_async(params))
    await asyncio.sleep(0.05)  # it is at work, and far from done
    for msg_id in list(client.protocol._request_futures):
        client.protocol.notify("$/cancelRequest", lsp.CancelParams(msg_id))
    with pytest.raises(Exception, match="cancel"):
        await asked
    author.type("\\derive<a^Tx><x>\n")
    started = asyncio.get_running_loop().time()
    assert [x.code for x in await author.told()] == ["E511"]
    assert asyncio.get_running_loop().time() - started < 5


@pytest.mark.parametrize("name", ["two words", "a]", "x; y", "a>", "-->", "", "other"])
async def test_a_name_that_is_no_id_is_refused(client: LanguageClient, notes: Path, name: str) -> None:
    author = Author(client, notes, "\\derive<x^TAx><x>[id: form]\n\n\\derive<a^Tx><x>[id: other]\n")
    with pytest.raises(Exception, match=r"is no id|has the id other"):
        await client.text_document_rename_async(lsp.RenameParams(author.document, author.at("form", 1), name))


async def test_a_cell_that_is_removed_keeps_no_diagnostics(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "cells.ipynb").as_uri()
    cells = [lsp.NotebookCell(lsp.NotebookCellKind.Markup, f"{uri}#c{k}") for k in range(2)]
    texts = ["\\derive<a^Tx><x>", "So $\\nabla_x (a^Tx) = 2a$."]
    documents = [lsp.TextDocumentItem(x.document, "markdown", 1, text) for x, text in zip(cells, texts, strict=True)]
    notebook = lsp.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(notebook, documents))
    await until(lambda: [len(client.diagnostics.get(x.document, ())) for x in cells] == [1, 1])
    for k in (1, 0):  # the first one last: then there is no cell of text
        gone = lsp.NotebookCellArrayChange(k, 1, [])
        closed = [lsp.TextDocumentIdentifier(cells[k].document)]
        structure = lsp.NotebookDocumentCellChangeStructure(gone, did_close=closed)
        changed = lsp.NotebookDocumentChangeEvent(cells=lsp.NotebookDocumentCellChanges(structure=structure))
        versioned = lsp.VersionedNotebookDocumentIdentifier(3 - k, uri)
        client.notebook_document_did_change(lsp.DidChangeNotebookDocumentParams(versioned, changed))
        await until(lambda k=k: not client.diagnostics[cells[k].document])


async def test_macros_that_another_file_defines_anew(client: LanguageClient, notes: Path) -> None:
    macros = notes.parent / "macros.tex"
    macros.write_text("\\newcommand{\\A}{a}\n", encoding="utf-8")
    text = "\\documentclass{article}\n\\input{macros}\n\\begin{document}\n$\\nabla_x (a^Tx) = \\A$\n\\end{document}\n"
    author = Author(client, notes.parent / "main.tex", text, "latex")
    assert await author.told() == []
    macros.write_text("\\newcommand{\\A}{2a}\n", encoding="utf-8")
    other = Author(client, macros, macros.read_text(encoding="utf-8"), "latex")
    client.text_document_did_save(lsp.DidSaveTextDocumentParams(other.document))
    await until(lambda: [x.code for x in client.diagnostics[author.uri]] == ["E701"])


async def test_what_cannot_be_answered_harms_nothing(client: LanguageClient, notes: Path) -> None:
    """Pages that nobody opened, places that are nowhere, messages that are none; what comes then is answered."""
    author = Author(client, notes, PAGE)
    nobody = lsp.TextDocumentIdentifier("untitled:Nobody")
    far = lsp.Position(10_000, 10_000)
    for document, position in ((nobody, lsp.Position(0, 0)), (author.document, far)):
        assert await client.text_document_hover_async(lsp.HoverParams(document, position)) is None
        assert not await client.text_document_completion_async(lsp.CompletionParams(document, position))
        assert await client.text_document_rename_async(lsp.RenameParams(document, position, "x")) is None
        span = lsp.CodeActionParams(document, lsp.Range(position, position), lsp.CodeActionContext([]))
        assert document is not nobody or not await client.text_document_code_action_async(span)
    assert client._server and client._server.stdin
    for message in ("{", "7", '{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {}}}',
                    '{"jsonrpc": "2.0", "id": 9, "method": "textDocument/hover", "params": 7}'):  # fmt: skip
        client._server.stdin.write(f"Content-Length: {len(message)}\r\n\r\n{message}".encode())
    author.type(PAGE + "\n")
    assert [x.code for x in await author.told()] == ["E511", "E701", "E142"]


async def test_a_page_that_is_closed_is_left_and_can_be_opened_anew(client: LanguageClient, notes: Path) -> None:
    author = Author(client, notes, f"{HEAVY}\n\n" + PAGE)
    asked = asyncio.ensure_future(
        client.text_document_hover_async(lsp.HoverParams(author.document, lsp.Position(0, 3)))
    )
    await asyncio.sleep(0.02)
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(author.document))
    with suppress(Exception):
        await asyncio.wait_for(asked, 20)
    await until(lambda: not client.diagnostics.get(author.uri, [1]))
    again = Author(client, notes, PAGE)
    assert [x.code for x in await again.told()] == ["E511", "E701", "E142"]
