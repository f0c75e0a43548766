"""The files of the playground: the page, Pyodide from npm, and two archives of modules, Python's own and the engine's.

Nothing of it is asked of another host when a reader opens the page. What only numpy could do is not there, as no numpy
for WebAssembly can be had from npm or PyPI.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from .playground import page_words

ASSETS = Path(__file__).parent / "assets"
PAGE = ASSETS / "play"
PACKAGE = Path(__file__).parent.parent
NOT_FOR_READERS = ("cli", "editor", "linting", "site/doors", "site/quiz")
"""Rooms that no answer needs."""
PARSER = "pylatexenc"
"""What reads formulas that are not plain; pure Python."""
PARTS_OF_PARSER = ("__init__.py", "_util.py", "version.py", "latexwalker/", "macrospec/", "latexnodes/", "latex2text/")
ENGINE = "engine.zip"
STANDARD_LIBRARY = "python_stdlib.zip"
NOT_IN_A_PAGE = (
    *("_pyrepl", "doctest", "imaplib", "mailbox", "multiprocessing", "optparse", "pdb", "pydoc", "smtplib", "test"),
    *("unittest", "wsgiref", "xml", "xmlrpc"),
)
"""What of the standard library serves terminals, processes, tests and other hosts."""
_WASM = "pyodide.asm.wasm"
_AS_THEY_ARE = ("pyodide.mjs", "pyodide.asm.mjs")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
LEVEL = 9


class NoPyodideError(Exception):
    """Pyodide is not where it was looked for."""


def page_files() -> dict[str, bytes]:
    """Return the files of the page, by name: all that the server of `mdderive play` needs."""
    files = {path.name: path.read_bytes() for path in sorted(PAGE.iterdir())}
    files["mdderive.css"] = (ASSETS / "mdderive.css").read_bytes()
    files["words.json"] = _json(page_words())
    return files


def site_files(pyodide: Path, rules: str = "", errors: str = "") -> dict[str, bytes]:
    """Return the files of the page and of Python in the browser, by name.

    `rules` and `errors` say where the site has the pages of the rules (`{}` for a name) and of the codes.

    Raises:
        NoPyodideError: it is not in the folder `pyodide`.
    """
    files = page_files() | _python(pyodide)
    files["index.html"] = told_where(files["index.html"], rules=rules, errors=errors)
    del files["temml.LICENSE"]  # its first line says the same
    version = hashlib.sha256(b"".join(name.encode() + data for name, data in sorted(files.items()))).hexdigest()[:16]
    loaded = sum(map(len, files.values()))
    listed = [{"name": name, "bytes": len(data)} for name, data in sorted(files.items()) if name != "sw.js"]
    files["files.json"] = _json({"version": version, "size": round(loaded / 1e6, 1), "files": listed})
    return files


def told_where(html: bytes, **places: str) -> bytes:
    """Return the page with what is said of its surroundings, in attributes of its root that are empty before."""
    text = html.decode()
    for name, value in places.items():
        text = text.replace(f'data-{name}=""', f'data-{name}="{value}"', 1)
    return text.encode()


def archive(sources: Mapping[str, bytes]) -> bytes:
    """Return a zip file of the sources, the same bytes for the same sources; it is compressed as a whole, later."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for name in sorted(sources):
            into.writestr(zipfile.ZipInfo(name, _LONG_AGO), sources[name])
    return made.getvalue()


def _python(folder: Path) -> dict[str, bytes]:
    """Return Pyodide and the archives, the large files compressed, so that any server sends few bytes.

    Raises:
        NoPyodideError: it is not in the folder.
    """
    missing = [name for name in (*_AS_THEY_ARE, _WASM, STANDARD_LIBRARY) if not (folder / name).is_file()]
    if missing:
        raise NoPyodideError(f"{folder} has no {missing[0]}: npm install pyodide, or say where it is: pyodide: FOLDER")
    files = {name: (folder / name).read_bytes() for name in _AS_THEY_ARE}
    lock = json.loads((folder / "pyodide-lock.json").read_bytes())
    files["pyodide-lock.json"] = _json({"info": lock["info"], "packages": {}})
    archives = (ENGINE, archive(_sources())), (STANDARD_LIBRARY, archive(_standard_library(folder)))
    large = {_WASM: (folder / _WASM).read_bytes(), **_compiled(archives, folder)}
    return files | {f"{name}.gz": gzip.compress(data, LEVEL, mtime=0) for name, data in large.items()}


@cache
def _compiled(archives: Sequence[tuple[str, bytes]], pyodide: Path) -> dict[str, bytes]:
    """Return the archives, their modules as bytecode, which starts sooner; without Node.js as they are."""
    node = shutil.which("node")
    if node is None:
        return dict(archives)
    with tempfile.TemporaryDirectory() as name:
        for archive_name, data in archives:
            Path(name, archive_name).write_bytes(data)
        command = [node, str(ASSETS / "compile.mjs"), str(pyodide), name]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return dict(archives)
        return {archive_name: Path(name, archive_name).read_bytes() for archive_name, _ in archives}


def _standard_library(pyodide: Path) -> dict[str, bytes]:
    """Return the modules of Python's own that a page may need, by their place in the archive."""
    with zipfile.ZipFile(pyodide / STANDARD_LIBRARY) as whole:
        names = [x for x in whole.namelist() if not x.endswith("/")]
        kept = (x for x in names if x.partition("/")[0].removesuffix(".py") not in NOT_IN_A_PAGE)
        return {name: whole.read(name) for name in kept}


def _sources() -> dict[str, bytes]:
    """Return the source files that an answer may need, by their place in the archive."""
    own = {f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}": path for path in PACKAGE.rglob("*.py")}
    left_out = tuple(f"{PACKAGE.name}/{x}/" for x in NOT_FOR_READERS)
    found = {name: path for name, path in own.items() if not name.startswith(left_out)}
    for file in distribution(PARSER).files or ():
        name = file.as_posix()
        if name.endswith(".py") and name.removeprefix(f"{PARSER}/").startswith(PARTS_OF_PARSER):
            found[name] = Path(str(file.locate()))
    return {name: path.read_bytes() for name, path in found.items()}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
