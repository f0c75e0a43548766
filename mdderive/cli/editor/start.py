"""`mdderive server`: where the language server is started, if the library that speaks its protocol is there."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..terminal import USAGE, write_stdout

HELP = """usage: mdderive server [--stdio]

Speak the language server protocol over stdin and stdout, until the client says that it is enough.
An editor starts this; docs/how-to/editors.md says how to tell it to.
"""


def server(arguments: Sequence[str]) -> int:
    """Serve one client and return the exit status: 2 where that cannot be."""
    if {"-h", "--help"} & set(arguments):
        write_stdout(HELP)
        return 0
    unknown = [x for x in arguments if x != "--stdio"]
    if unknown:
        print(f"mdderive: server has no option {unknown[0]}\n  help: mdderive server --help", file=sys.stderr)
        return USAGE
    try:
        import pygls  # noqa: F401
    except ImportError:
        print("mdderive: server needs pygls: pip install 'mdderive[server]'", file=sys.stderr)
        return USAGE
    from .server import serve

    return serve()
