"""The commands of the command line that are no run over files: `mdderive explain E205`. One row each.

Imports nothing, since it is asked on every start; whoever does the work is imported when a command is given.
"""

from __future__ import annotations

QUIZZES = ("moodle", "qti", "stack")
"""What `--format` calls the forms of questions for teaching systems."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Work = Callable[[Sequence[str]], int]


class Command:
    """A command.

    usage    what follows `mdderive` on the command line
    meaning  what it does, as `--help` says it
    work     returns what does it: from the arguments behind the command's name to the exit status
    """

    __slots__ = ("meaning", "usage", "work")

    def __init__(self, usage: str, meaning: str, work: Callable[[], Work]) -> None:
        self.usage = usage
        self.meaning = meaning
        self.work = work


def _explain() -> Work:
    from .explain import explain

    return explain


def _play() -> Work:
    from .play import play

    return play


def _server() -> Work:
    from .editor.start import server

    return server


COMMANDS = {
    x.usage.partition(" ")[0]: x
    for x in (
        Command("explain [CODE ...]", "print the pages of error codes, offline; without a code, list them", _explain),
        Command("play [--port N]", "open a page on this machine where a formula is derived while you type", _play),
        Command("server", "the language server, over stdio, for editors: see docs/how-to/editors.md", _server),
    )
}
"""The commands by their names. A file or folder of such a name is written `./explain`."""
