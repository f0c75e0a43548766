"""The playground on this machine: its page on 127.0.0.1, answered by the engine in this process.

Only who knows the address is answered: it holds a token that is new each time, and a request must name this host, so
that no page of another site reaches it under a name of its own. Nothing is written.
"""

from __future__ import annotations

import argparse
import hmac
import secrets
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..site.playground import answer_json
from ..site.runtime import page_files, told_where
from .explain import code_pages
from .terminal import write_stdout

HOST = "127.0.0.1"
MOST_BYTES = 100_000
"""How long a question may be."""
STACK = 64 * 1024 * 1024
"""How many bytes of stack a thread has: a deep formula needs as much as in the main thread."""
TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
PLAIN = "text/plain; charset=utf-8"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def play(arguments: Sequence[str]) -> int:
    """Serve the playground until Ctrl-C, and return the exit status: 2 where the port is taken."""
    options = _parser().parse_args(arguments)
    threading.stack_size(STACK)
    try:
        server = PlayServer(options.port)
    except OSError as error:
        print(f"mdderive: port {options.port} cannot be used: {error.strerror or error}", file=sys.stderr)
        return 2
    with server, suppress(KeyboardInterrupt):
        write_stdout(f"The playground is at {server.address}\nCtrl-C ends it.\n")
        if not options.no_browser:
            import webbrowser

            webbrowser.open(server.address)
        server.serve_forever()
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="mdderive play",
        description="Open a page on this machine where a formula is derived while you type. Nothing is written, and "
        "nobody else can ask.",
        allow_abbrev=False,
    )
    made.add_argument("--port", type=int, default=0, metavar="N", help="the port; without it, one that is free")
    made.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    return made


class PlayServer(ThreadingHTTPServer):
    """Serves the playground on 127.0.0.1; `address` is where, with the token."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(16)
        self.files = _files()
        self.one_at_a_time = threading.Lock()
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    def answer(self, question: bytes) -> bytes:
        """Return the answer to a question, both JSON.

        Raises:
            ValueError: it is no JSON object.
        """
        with self.one_at_a_time:
            return answer_json(question.decode()).encode()


def _files() -> dict[str, bytes]:
    files = page_files()
    files["index.html"] = told_where(files["index.html"], errors="explain/").replace(
        b'data-engine="worker"', b'data-engine="server"', 1
    )
    files["files.json"] = b'{"version": "", "size": 0, "files": []}'
    return files | {f"explain/{code}": page.encode() for code, page in code_pages().items()}


class _Handler(BaseHTTPRequestHandler):
    server: PlayServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file of the page."""
        name = self._name()
        data = None if name is None else self.server.files.get(name or "index.html")
        if data is None or name is None:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self._send(data, TYPES.get((name or "index.html").rpartition(".")[2], PLAIN))

    def do_POST(self) -> None:
        """Answer a question."""
        length = self.headers.get("Content-Length", "")
        if self._name() != "answer" or self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal() or int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            try:
                reply = self.server.answer(self.rfile.read(int(length)))
            except (ValueError, AttributeError):
                self._refuse(HTTPStatus.BAD_REQUEST)
            else:
                self._send(reply, TYPES["json"])

    def _name(self) -> str | None:
        """Return what is asked for, "" for the page itself; None for who does not know the address."""
        host = self.headers.get("Host", "")
        port = self.server.server_port
        origin = self.headers.get("Origin")
        if host not in (f"{HOST}:{port}", f"localhost:{port}") or origin not in (None, f"http://{host}"):
            return None
        token, slash, name = self.path.partition("?")[0].removeprefix("/").partition("/")
        known = hmac.compare_digest(token.encode(), self.server.token.encode())
        return name if known and slash else None

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self._end(data, kind)

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True  # what was sent is not read
        self.send_response(status)
        self._end(f"{status.value} {status.phrase}\n".encode(), PLAIN)

    def _end(self, data: bytes, kind: str) -> None:
        headers = {**HEADERS, "Content-Type": kind, "Content-Length": str(len(data))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
