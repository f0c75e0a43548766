"""Files that are saved while somebody waits for them; watchfiles knows how each system tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

USAGE = 2


def saved(paths: Sequence[str]) -> Iterator[set[Path] | None]:
    """Yield None at once, then the resolved paths of files that were saved, quick ones together, until Ctrl-C.

    The folders of files are watched, not the files: many an editor writes a new file and renames it.
    """
    try:
        from watchfiles import watch
    except ImportError:
        print("mdderive: --watch needs watchfiles: pip install 'mdderive[watch]'", file=sys.stderr)
        raise SystemExit(USAGE) from None
    yield None
    folders = {path if os.path.isdir(path) else str(Path(path).parent) for path in paths}  # noqa: PTH112  # never raises
    existing = sorted(folder for folder in folders if os.path.isdir(folder))  # noqa: PTH112
    if not existing:
        return
    print("mdderive: waiting for files to be saved; Ctrl-C ends", file=sys.stderr)
    with suppress(KeyboardInterrupt):
        for changes in watch(*existing):
            yield {Path(name).resolve() for _, name in changes}
