"""A run of `--lint`: the derivatives that the authors of files state, judged and told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents.book import Chapter, chapters_before
from ..documents.cache import cache_of
from ..documents.files import encode
from ..documents.model import Place, Problem
from .inputs import Input, shown_name
from .run import UNTOUCHED, Run, json_line
from .selection import Baseline, Selection, codes_of, kinds_of_reasons
from .terminal import Progress, write_stdout

if TYPE_CHECKING:
    from ..linting.claim import Claim

VERDICTS = ("true", "true in the other layout", "true only if", "shapes do not fit", "false", "not judged")
MOST_REASONS = 12
"""How many kinds of reasons the statistics name."""


class LintRun(Run):
    """One run of the lint over files."""

    def __init__(self, *what: Any) -> None:
        super().__init__(*what)
        self._verdicts: Counter[str] = Counter()
        self._reasons: list[str] = []
        self._forms: Counter[tuple[str, bool]] = Counter()
        self._baseline: Baseline | None = None

    def files(self, paths: Sequence[Path | None]) -> None:
        """Lint every file; trouble with one does not keep the others from their turn."""
        if self.arguments.baseline:
            try:
                self._baseline = Baseline.read(Path(self.arguments.baseline))
            except (OSError, ValueError, KeyError, TypeError) as error:
                self.report.trouble("E501", f"this is no baseline: {error}", self.arguments.baseline)
                return
        pages: list[Input] = []
        for path in paths:
            with self._troubles_of(shown_name(path)):
                pages.append(self.inputs.read(path, self.inputs.settings_for(path)))
        with Progress(self.report, len(pages)) as bar, self._pool(len(pages)) as pool:
            longest = sorted(range(len(pages)), key=lambda k: -len(pages[k].text)) if pool else ()
            begun = {k: pool.submit(_verdicts_of, pages[k]) for k in longest}  # so that none is left alone at the end
            for k, page in enumerate(pages):
                with self._troubles_of(page.shown):
                    self._tell(page, begun[k].result() if pool else _verdicts_of(page))
                bar.next_file()
        self._write_baseline()
        self.report.finish()
        if self.arguments.statistics:
            self._print_statistics()

    def _write_baseline(self) -> None:
        """Write a baseline that was not there yet."""
        import sys

        baseline = self._baseline
        if baseline is not None and baseline.is_new and self._write(baseline.path, baseline.as_found()):
            print(f"mdderive: {baseline.path} accepts {baseline.found} problems from now on", file=sys.stderr)

    def _pool(self, pages: int) -> Any:
        """Return the processes of `--jobs`, if any are asked for."""
        import os

        jobs = min(self.arguments.jobs or os.cpu_count() or 1, pages)
        if jobs <= 1:
            return nullcontext()
        from .workers import processes

        return processes(jobs)

    def _tell(self, page: Input, found: PageVerdicts) -> None:
        self.report.count("claim", len(found.kept))
        self._verdicts.update(x["verdict"] for x in found.kept)
        self._forms.update((x["form"], x["verdict"] != "not judged") for x in found.kept)
        self._reasons += [x["reason"] for x in found.kept if x["verdict"] == "not judged"]
        fixes = self._fixes(page, found)
        severities = self.inputs.settings_for(page.path).severities
        selection = Selection(codes_of(self.arguments.select), codes_of(self.arguments.ignore), severities)
        for problem in selection.of(found.problems):
            if problem.severity == "ignored" and not self.arguments.explain_ignored:
                continue
            told = page.located(problem)
            if self._baseline is None or not self._baseline.accepts(told):
                fix = fixes.get((problem.place.line, problem.place.column), ()) if problem.severity == "error" else ()
                self.report.problem(told, fix=fix)
        if self.arguments.format == "json":
            write_stdout("".join(map(json_line, _objects(page, found.claims))))
        if self.arguments.fix and not page.is_written:
            self.report.trouble("E518", "into a file of this form no solution is written", page.shown, UNTOUCHED)
        elif self.arguments.fix:
            self._write_comments(page, found.claims)

    def _write_comments(self, page: Input, found: Sequence[Claim]) -> None:
        """Write the page with the solutions of `--fix`."""
        from ..linting.report import comments

        new = comments(page.text, page.kind, found)
        if page.path is None:
            write_stdout(page.file_with(new))
        elif new != page.text:
            self._write(page.path, encode(page.file_with(new)), encode(page.file))

    def _fixes(self, page: Input, found: PageVerdicts) -> dict[tuple[int, int], Any]:
        """Return for each false claim, by its place, what would take the place of its lines, for SARIF."""
        if self.arguments.format != "sarif" or not page.is_page:
            return {}
        from ..linting.claim import answer
        from ..linting.verdicts import WRONG
        from .sarif import replaced_within

        fixes = {}
        for claim in found.claims:
            one_line = claim.end - claim.start <= claim.place.width
            right = answer(claim) if one_line and claim.verdict in WRONG and not claim.follows else ""
            if right:
                fixes[claim.place.line, claim.place.column] = [replaced_within(page.text, claim.place, right)]
        return fixes

    def _print_statistics(self) -> None:
        import sys

        found = sum(self._verdicts.values())
        judged = found - self._verdicts["not judged"]
        lines = [f"{found:6} claims found, {judged} judged"]
        lines += [f"{self._verdicts[verdict]:6} {verdict}" for verdict in VERDICTS]
        for form in dict.fromkeys(x for x, _ in sorted(self._forms)):
            of_form = self._forms[form, True], self._forms[form, False]
            lines.append(f"{sum(of_form):6} {form}, {of_form[0]} judged")
        lines += [f"{count:6}   {reason}" for reason, count in kinds_of_reasons(self._reasons)[:MOST_REASONS]]
        text = "\n".join(lines) + "\n"
        if self.arguments.format in ("json", "sarif"):
            print(text, end="", file=sys.stderr)
        else:
            write_stdout(text)


class PageVerdicts:
    """What came of a page: its claims as objects of JSON, and the problems that are told of them.

    Both pickle and are kept, so that a page which has not changed needs no engine.
    """

    def __init__(self, kept: Sequence[dict[str, Any]], problems: Sequence[Problem]) -> None:
        self.kept = kept
        self.problems = problems

    @property
    def claims(self) -> list[Claim]:
        """The claims."""
        return [_claim_of(dict(x)) for x in self.kept]

    @classmethod
    def of(cls, page: Input) -> PageVerdicts:
        """Return what comes of a page."""
        from ..linting.finding import claims
        from ..linting.report import problems_of

        found = claims(page.text, page.kind, page.clauses, _before(page))
        return cls([x._asdict() for x in found], problems_of(found))

    @classmethod
    def from_json(cls, text: str) -> PageVerdicts:
        """Return what `json` has written."""
        kept, problems = json.loads(text)
        return cls(kept, [_problem_of(x) for x in problems])

    @property
    def json(self) -> str:
        """The text that is kept."""
        return json.dumps([self.kept, self.problems])


def _verdicts_of(page: Input) -> PageVerdicts:
    """Return what comes of a page, found in an earlier run where the page is the same."""
    if page.path is None:
        return PageVerdicts.of(page)
    cache = cache_of(page.path.parent)
    key = "\0".join(("lint", page.kind, *page.clauses, page.text, *(x.key for x in _before(page))))
    kept = cache.get(key)
    if kept is not None:
        return PageVerdicts.from_json(kept)
    found = PageVerdicts.of(page)
    cache.put(key, found.json)
    return found


def _before(page: Input) -> tuple[Chapter, ...]:
    """Return the pages of its book that stand before a page."""
    return chapters_before(page.path, page.project) if page.path else ()


def _problem_of(kept: list[Any]) -> Problem:
    """Return the problem that was kept as an array of JSON."""
    found = Problem(*kept)
    notes = tuple((Place(*place), text) for place, text in found.notes)
    return found._replace(place=Place(*found.place), notes=notes)


def _claim_of(kept: dict[str, Any]) -> Claim:
    """Return the claim that was kept as an object of JSON."""
    from ..linting.claim import Claim

    kept["upstream"] = tuple((letter, latex) for letter, latex in kept["upstream"])
    kept["place"] = Place(*kept["place"])
    kept["sources"] = tuple((name, Place(*place)) for name, place in kept["sources"])
    fields: dict[str, Any] = {name: tuple(x) if isinstance(x, list) else x for name, x in kept.items()}
    return Claim(**fields)


def _defined(name: str, place: Place) -> dict[str, Any]:
    """Return where a name is defined, with the file where that is another."""
    elsewhere = {"file": place.file} if place.file else {}
    return {"name": name, **elsewhere, **({"cell": place.cell} if place.cell else {}), "line": place.line}


def _objects(page: Input, found: Sequence[Claim]) -> Iterator[dict[str, Any]]:
    """Yield the object of `--format json` for each claim."""
    from ..linting.claim import answer
    from ..linting.verdicts import WRONG

    for claim in found:
        right = answer(claim) if claim.verdict in (*WRONG, "true only if") else ""
        place = page.placed(claim.place)
        yield {
            "file": page.shown,
            **({"cell": place.cell} if place.cell else {}),
            "line": place.line,
            "column": place.column,
            "width": place.width,
            "verdict": claim.verdict,
            "left": claim.left,
            "claim": claim.latex,
            "f": claim.f or None,
            "wrt": claim.variable or None,
            "where": list(claim.where),
            "kind": claim.kind,
            "form": claim.form,
            "layout": claim.layout or None,
            "reason": claim.reason or None,
            "condition": claim.condition or None,
            "answer": right or None,
            "marker": claim.marker or None,
            "defined": [_defined(name, page.placed(place)) for name, place in claim.sources],
            "follows": claim.follows,
        }
