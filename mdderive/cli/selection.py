"""Which problems of the lint are told: those of the codes that are asked for, and none that a baseline accepts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..documents.model import Problem, Severity

CODES = ("E701", "E702", "E703", "E704", "E705")
"""The codes of the lint."""
_ASKED: dict[Severity, Severity] = {"note": "warning", "ignored": "note"}
"""What becomes of the severity of a problem whose code is asked for by name."""


_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning", "note": "note"}


def unknown_code(codes: Iterable[str]) -> str:
    """Return the first that begins no code of the lint, "" if there is none."""
    return next((x for x in codes if not any(code.startswith(x) for code in CODES)), "")


def codes_of(text: str | None) -> tuple[str, ...]:
    """Return the codes of `E701,E705`, each perhaps the beginning of several."""
    return tuple(x.strip().upper() for x in (text or "").split(",") if x.strip())


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are asked for, () for the usual ones, and those that are left out."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()

    def of(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield the problems that are told, as grave as the settings say.

        One that is asked for by its code is more than a note, where they say nothing.
        """
        for problem in problems:
            if problem.code.startswith(self.ignore) if self.ignore else False:
                continue
            said = self._severity(problem.code)
            if said == "off" and not self.select:
                continue
            if said in _SEVERITIES:
                problem = problem._replace(severity=_SEVERITIES[said])
            if not self.select:
                yield problem
            elif problem.code.startswith(self.select):
                yield problem._replace(severity=_ASKED.get(problem.severity, problem.severity))

    def _severity(self, code: str) -> str:
        """Return what the settings say of a code, the longest beginning of it that they name; "" without any."""
        return max(((len(x), word) for x, word in self.severities if code.startswith(x)), default=(0, ""))[1]


Key = tuple[str, str, str]
"""A file, a code, and the formula that it is about."""


@dataclass(slots=True)
class Baseline:
    """The problems that a project has accepted: as many of a formula in a file as the baseline has.

    A file that does not exist yet is written with those that are there.
    """

    path: Path
    accepted: Counter[Key] = field(default_factory=Counter)
    is_new: bool = False
    _found: Counter[Key] = field(default_factory=Counter)

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Return the baseline of a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no baseline.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(path, is_new=True)
        accepted: Counter[Key] = Counter()
        for entry in json.loads(text):
            accepted[entry["file"], entry["code"], entry["formula"]] += entry.get("count", 1)
        return cls(path, accepted)

    def accepts(self, problem: Problem) -> bool:
        """Return whether a problem is accepted; each accepts one."""
        key = self._key(problem)
        self._found[key] += 1
        if self.is_new:
            return True
        if self.accepted[key] <= 0:
            return False
        self.accepted[key] -= 1
        return True

    def as_found(self) -> bytes:
        """Return the file that would accept the problems that were found."""
        entries = [
            {"file": file, "code": code, "formula": formula, **({"count": count} if count > 1 else {})}
            for (file, code, formula), count in sorted(self._found.items())
        ]
        text = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
        return text.encode("utf-8", "backslashreplace")  # a byte that is no UTF-8 as JSON spells it

    @property
    def found(self) -> int:
        """How many problems were found."""
        return self._found.total()

    def _key(self, problem: Problem) -> Key:
        """Return what stays as it is when lines are inserted elsewhere: file, code and formula."""
        place = problem.place
        formula = place.source[place.column - 1 : place.column - 1 + place.width]
        file, folder = Path(problem.file).absolute(), self.path.absolute().parent
        inside = file.is_relative_to(folder)
        return (file.relative_to(folder) if inside else file).as_posix(), problem.code, " ".join(formula.split())


def kinds_of_reasons(reasons: Sequence[str]) -> list[tuple[str, int]]:
    """Return the reasons for which claims are not judged, the most frequent first, without the letters in them."""
    return sorted(Counter(map(_kind_of_reason, reasons)).items(), key=lambda x: (-x[1], x[0]))


def _kind_of_reason(reason: str) -> str:
    for verb in (" is ", " may ", " does ", " has "):
        subject, found, rest = reason.partition(verb)
        if found and len(subject.split()) == 1 and subject not in ("it", "this"):
            return f"...{verb}{rest}"
    return reason
