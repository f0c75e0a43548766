"""Building sites for tests: in a process of their own, as a lecturer does."""

from __future__ import annotations

import fcntl
import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

COURSE = ROOT / "examples" / "course"
KEPT = ROOT / ".cache"
"""What builds of the course keep, and of all sites with the pages of the rules: each is solved once."""


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of the builders and return how it ended; stdout and stderr come together."""
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment}
    whole = (sys.executable, "-m", *command)
    return subprocess.run(
        whole, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
    )


def write_site(folder: Path, pages: dict[str, str], *, rules: bool = False, theme: str = "mkdocs") -> Path:
    """Write a small site with `mkdocs.yml` into a folder and return the folder; with pages for all `rules`, or none."""
    for name, text in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    plugin = "mdderive" if rules else "mdderive: {rules: ''}"
    settings = f"site_name: Small\ntheme: {theme}\nplugins: [search, {plugin}]\n"
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    (folder / "pyproject.toml").touch()  # the root of a project: its cache stays here
    if rules:
        keep_together(folder)
    return folder


def keep_together(folder: Path) -> None:
    """Let a project find the solutions that are kept for other sites, and keep its own there."""
    KEPT.mkdir(exist_ok=True)
    (folder / ".cache").symlink_to(KEPT)


def built_course(factory: pytest.TempPathFactory, solutions: str = "") -> Path:
    """Return the folder of the built sample course, which all workers share; its solutions as it says, or as asked."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / f"course-{solutions or 'plain'}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not folder.is_dir():
            built = folder.with_suffix(".new")
            settings = {"SOLUTIONS": solutions} if solutions else {}
            done = run("mkdocs", "build", "--strict", "-d", str(built), folder=COURSE, **settings)
            assert done.returncode == 0, done.stdout
            built.rename(folder)
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the block runs, and yield its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def copyfile(self, *arguments: Any) -> None:
        """Send a file; who has gone away needs none."""
        with suppress(BrokenPipeError, ConnectionResetError):
            super().copyfile(*arguments)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
