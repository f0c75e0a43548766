"""What was found, in the types of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lsprotocol import types as lsp

from ...documents.settings import SettingsError, settings_in
from ..inputs import check_clauses
from .actions import Action
from .analysis import Analysis
from .completion import Completion
from .diagnostics import Diagnostic, diagnostic, diagnostics
from .edits import Edit
from .hover import Hover
from .outline import Inlaid, Outlined
from .positions import Encoding, Positions
from .sheets import ClientDocument, ClientRange, Sheet

SOURCE = "mdderive"
_SORTS = {
    "snippet": lsp.CompletionItemKind.Snippet,
    "property": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.Value,
    "keyword": lsp.CompletionItemKind.Keyword,
    "reference": lsp.CompletionItemKind.Reference,
}


class Speaker:
    """Says in the protocol what is known of one page."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    # --- places

    def range(self, start: int, end: int) -> lsp.Range:
        """Return a stretch of the page as a range of its document."""
        return _range(self._sheet.spot(start, end))

    def location(self, start: int, end: int) -> lsp.Location:
        """Return a stretch of the page with its document."""
        spot = self._sheet.spot(start, end)
        return lsp.Location(spot.uri, _range(spot))

    def _is_in(self, uri: str, offset: int) -> bool:
        return self._sheet.spot(offset, offset).uri == uri

    # --- problems

    def diagnostics(self, analysis: Analysis) -> dict[str, list[lsp.Diagnostic]]:
        """Return the problems of a page by document."""
        found: dict[str, list[lsp.Diagnostic]] = {}
        for one in diagnostics(analysis) if self._sheet.documents else ():  # a notebook may have no cell of text
            found.setdefault(self._sheet.spot(one.start, one.end).uri, []).append(self._diagnostic(one))
        return found

    def _diagnostic(self, one: Diagnostic) -> lsp.Diagnostic:
        related = [
            lsp.DiagnosticRelatedInformation(self.location(start, end), text) for start, end, text in one.related
        ]
        return lsp.Diagnostic(
            range=self.range(one.start, one.end),
            severity=lsp.DiagnosticSeverity(one.level),
            code=one.code,
            code_description=lsp.CodeDescription(one.page) if one.page else None,
            source=SOURCE,
            message=one.message,
            related_information=related or None,
        )

    @classmethod
    def sheet_of_settings(cls, uri: str, text: str, encoding: Encoding) -> Sheet:
        """Return a pyproject.toml as a page."""
        return Sheet(text, "", None, (ClientDocument(uri, 0, Positions(text, encoding)),))

    @classmethod
    def of_settings(cls, uri: str, text: str, encoding: Encoding) -> list[lsp.Diagnostic]:
        """Return what is wrong with the settings in a pyproject.toml."""
        sheet = cls.sheet_of_settings(uri, text, encoding)
        try:
            check_clauses(settings_in(text, "pyproject.toml"))
        except SettingsError as error:
            lines = sheet.documents[0].positions.lines
            return [cls(sheet)._diagnostic(diagnostic(lines, problem)) for problem in error.problems]
        return []

    # --- answers

    def hover(self, found: Hover) -> lsp.Hover:
        """Return what is shown under the pointer."""
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.markdown)
        return lsp.Hover(content, self.range(found.start, found.end))

    def actions(self, found: Sequence[Action], context: lsp.CodeActionContext) -> list[lsp.CodeAction]:
        """Return the actions of the kinds that are asked for, each with the diagnostics that it mends."""
        return [
            lsp.CodeAction(
                title=one.title,
                kind=one.kind,
                diagnostics=[x for x in context.diagnostics if x.source == SOURCE and x.code in one.codes] or None,
                is_preferred=one.is_preferred or None,
                edit=lsp.WorkspaceEdit(changes=self._changes(one.edits)),
            )
            for one in found
            if context.only is None or any(_is_of_kind(one.kind, str(getattr(x, "value", x))) for x in context.only)
        ]

    def _changes(self, edits: Iterable[Edit]) -> dict[str, list[lsp.TextEdit]]:
        found: dict[str, list[lsp.TextEdit]] = {}
        for edit in edits:
            spot = self._sheet.spot(edit.start, edit.end)
            found.setdefault(spot.uri, []).append(lsp.TextEdit(_range(spot), edit.new))
        return found

    def rename(self, edits: Iterable[Edit], elsewhere: Iterable[ClientRange], new: str) -> lsp.WorkspaceEdit:
        """Return the changes of a page, and those of the links to it from others."""
        changes = self._changes(edits)
        for spot in elsewhere:
            changes.setdefault(spot.uri, []).append(lsp.TextEdit(_range(spot), new))
        return lsp.WorkspaceEdit(changes=changes)

    def completions(self, found: Sequence[Completion]) -> list[lsp.CompletionItem]:
        """Return what may come next, in the order given."""
        return [
            lsp.CompletionItem(
                label=one.label,
                kind=_SORTS[one.sort],
                detail=one.detail,
                sort_text=f"{k:03}",
                filter_text=self._sheet.text[one.start : one.end] + one.label if one.sort == "snippet" else one.label,
                insert_text_format=(
                    lsp.InsertTextFormat.Snippet if one.sort == "snippet" else lsp.InsertTextFormat.PlainText
                ),
                text_edit=lsp.TextEdit(self.range(one.start, one.end), one.new),
            )
            for k, one in enumerate(found)
        ]

    def symbols(self, found: Sequence[Outlined], uri: str) -> list[lsp.DocumentSymbol]:
        """Return the derivations of a document."""
        return [
            lsp.DocumentSymbol(
                name=one.name,
                kind=lsp.SymbolKind.Function,
                range=self.range(one.start, one.end),
                selection_range=self.range(one.marker_start, one.marker_end),
                detail=one.detail or None,
            )
            for one in found
            if self._is_in(uri, one.start)
        ]

    def folds(self, found: Sequence[tuple[int, int]], uri: str) -> list[lsp.FoldingRange]:
        """Return what can be folded in a document: pairs of offsets."""
        ranges = [self.range(start, end) for start, end in found if self._is_in(uri, start)]
        return [
            lsp.FoldingRange(start_line=x.start.line, end_line=x.end.line, kind=lsp.FoldingRangeKind.Region)
            for x in ranges
        ]

    def inlaid(self, found: Sequence[Inlaid], uri: str) -> list[lsp.InlayHint]:
        """Return the texts that are shown behind places of a document."""
        shown: list[Any] = [x for x in found if self._is_in(uri, x.at)]
        return [lsp.InlayHint(position=self.range(x.at, x.at).start, label=x.text, tooltip=x.told) for x in shown]


def _range(spot: ClientRange) -> lsp.Range:
    return lsp.Range(lsp.Position(*spot.start), lsp.Position(*spot.end))


def _is_of_kind(kind: str, asked: str) -> bool:
    return kind == asked or kind.startswith(f"{asked}.") or not asked
