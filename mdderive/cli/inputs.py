"""What a run reads: which files, of which format, and the settings that hold in each."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..documents.diagnostics import file_problem
from ..documents.files import decode, read
from ..documents.formats import Format, format_named, format_of_name, format_of_text, way_out_of
from ..documents.model import Place, Problem
from ..documents.settings import AUTO, Settings, SettingsError, nearest_settings, read_settings
from ..errors import DeriveError
from ..question.settings import names_in

if TYPE_CHECKING:
    from ..documents.followed import Followed  # here, as much is imported for it that an expression never needs

STDIN = "<stdin>"


class Input(NamedTuple):
    """A file or stdin as it was read, the name of its format, and the clauses that hold in it.

    `text` is the page that it holds, `file` all of its text; `followed` is what other files say, in the clauses too;
    `project` are the clauses of the settings alone.
    """

    path: Path | None
    shown: str
    text: str
    kind: str
    clauses: tuple[str, ...]
    file: str
    followed: Followed | None = None
    project: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether the file is the page itself, so that lines of one are lines of the other."""
        return format_named(self.kind).holder is None

    @property
    def is_written(self) -> bool:
        """Whether solutions are written into files of this form."""
        return bool(format_named(self.kind).writer)

    def file_with(self, page: str) -> str:
        """Return the text of the file with another page in it."""
        holder = format_named(self.kind).holder
        return holder().file(self.file, page) if holder else page

    def placed(self, place: Place) -> Place:
        """Return a place of the page as who reads the file counts it."""
        holder = format_named(self.kind).holder
        return holder().place(self.file, place) if holder and not place.file else place

    def located(self, problem: Problem) -> Problem:
        """Return a problem of the page as one of the file."""
        notes = tuple((self.placed(place), text) for place, text in problem.notes)
        problem = problem if self.followed is None else problem._replace(hint=self.followed.hint_for(problem))
        return problem._replace(file=self.shown, place=self.placed(problem.place), notes=notes)


class Inputs:
    """What the arguments of a run ask to read; each settings file is read once."""

    def __init__(self, arguments: Namespace) -> None:
        self.arguments = arguments
        self._settings: dict[Path, Settings] = {}

    def paths(self, unreadable: Callable[[str, str], None], quiet: bool = False) -> list[Path | None]:
        """Return every file once, in the order given; None is stdin.

        What of a folder cannot be read is told to `unreadable` with the reason, what else was passed over to stderr.
        """
        paths: dict[Path | None, None] = {}
        for given in self.arguments.paths:
            if given == "-":
                paths[None] = None
            elif not os.path.isdir(given):  # noqa: PTH112  # Path.is_dir may raise
                paths[Path(given)] = None
            else:
                paths.update(dict.fromkeys(self._notes(given, unreadable, quiet)))
        return list(paths)

    def _notes(self, folder: str, unreadable: Callable[[str, str], None], quiet: bool) -> list[Path]:
        from ..documents.folders import Passed, notes_within

        passed: list[Passed] = []
        found = [Path(note) for note in notes_within(folder, passed=passed.append, exclude=self._excluded(folder))]
        if quiet:
            return found
        for what in passed:
            if what.why == "unreadable":
                unreadable(what.path, what.detail)
        if not found and not any(what.why == "unreadable" for what in passed):
            print(f"mdderive: no Markdown or LaTeX files in {folder}", file=sys.stderr)
        forms = Counter(what.detail for what in passed if what.why == "form")
        if forms:
            each = ", ".join(f"{count} {suffix}" for suffix, count in sorted(forms.items()))
            many = f"{forms.total()} files are" if forms.total() > 1 else "1 file is"
            print(f"mdderive: in {folder}, {many} not read, of a form that is not known: {each}", file=sys.stderr)
        for what in passed:
            if what.why == "elsewhere":
                print(f"mdderive: {what.path} leads out of {folder}; name the file itself to read it", file=sys.stderr)
        return found

    def _excluded(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """Return what the settings that hold in a folder pass over, and to what that is relative."""
        try:
            settings = self.settings_for(Path(folder) / "notes")
        except SettingsError:  # told with each file
            return "", ()
        return str(Path(settings.file).parent), settings.exclude

    def read(self, path: Path | None, settings: Settings) -> Input:
        """Return a file, or stdin where there is no path, with the settings that hold in it.

        Raises:
            DeriveError: it is UTF-16 (E503), no format claims its suffix (E514), or it is no notebook (E517).
            OSError: it cannot be read.
        """
        file = read(path) if path else decode(sys.stdin.buffer.read())
        known = self._format(path, file)
        text = known.holder().page(file) if known.holder else file
        followed = known.follows()(path, text) if known.follows and path else None
        project = self.clauses(settings)
        clauses = project if followed is None else followed.around(project)
        return Input(path, shown_name(path), text, known.name, clauses, file, followed, project)

    def _format(self, path: Path | None, text: str) -> Format:
        if self.arguments.kind:
            return format_named(self.arguments.kind)
        if path and (path.is_file() or path.suffix):
            found = format_of_name(path.name)
            if found is None:
                what = f"files that end in {path.suffix}" if path.suffix else "files without a suffix"
                raise DeriveError("E514", f"mdderive knows no format of {what}", hint=way_out_of(path.name))
            return found
        output = self.arguments.output
        return (output and output != "-" and format_of_name(output)) or format_of_text(text)

    def settings_for(self, path: Path | None) -> Settings:
        """Return the settings that hold in a file, or, where there is no path, in the present folder.

        Raises:
            SettingsError: they cannot be used.
        """
        folder = path.parent if path else Path()
        if folder not in self._settings:
            given = self.arguments.config
            file = Path(given) if given else nearest_settings(folder)
            self._settings[folder] = read_settings(file, required=bool(given)) if file else Settings()
        return self._settings[folder]

    def forget_settings(self) -> None:
        """Read the settings again when they are asked for."""
        self._settings.clear()

    def options(self) -> list[str]:
        """Return what the command line says of how to write, as clauses."""
        given = {name: getattr(self.arguments, name.replace("-", "_")) for name in names_in("command line")}
        return [f"{name}: {value}" for name, value in given.items() if value and value != AUTO]

    def clauses(self, settings: Settings) -> tuple[str, ...]:
        """Return the clauses in force on every page; `--lang auto` takes back what the settings say."""
        clauses = settings.clauses
        if self.arguments.lang == AUTO:
            clauses = tuple(clause for clause in clauses if not clause.startswith("lang:"))
        return (*clauses, *self.options())


def shown_name(path: Path | None) -> str:
    """Return what a file, or stdin where there is no path, is called."""
    return str(path) if path else STDIN


def check_clauses(settings: Settings) -> None:
    """Do nothing if the clauses of the settings can be read; done before the engine runs, as it imports much.

    Raises:
        SettingsError: a clause cannot be read.
    """
    if not settings.clauses:
        return
    from ..question.clauses import read_clauses

    for clause, place in zip(settings.clauses, settings.places, strict=True):
        try:
            read_clauses((), (clause,))
        except DeriveError as error:
            problem = file_problem(error.code, error.message, settings.file, error.hint, place)
            raise SettingsError((problem,)) from error
