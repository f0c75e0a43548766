"""`mdderive play`: the page and its answers, for who knows the address and names this host."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from interrupting import running

from mdderive.cli.main import main
from mdderive.cli.play import PlayServer

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[PlayServer]:
    with PlayServer() as started:
        threading.Thread(target=started.serve_forever, daemon=True).start()
        yield started
        started.shutdown()


def asked(
    server: PlayServer, path: str, body: str | bytes | None = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of an answer; `path` is that behind the token unless it begins with /."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    where = path if path.startswith("/") else f"/{server.token}/{path}"
    kind = JSON if body is not None else {}
    connection.request("POST" if body is not None else "GET", where, body, {**kind, **headers})
    reply = connection.getresponse()
    found = reply.status, reply.read().decode(), dict(reply.getheaders())
    connection.close()
    return found


def test_the_page_is_served_and_asks_this_server(server: PlayServer) -> None:
    status, text, headers = asked(server, "")
    assert status == 200 and 'data-engine="server"' in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    for name in ("play.js", "engine.js", "play.css", "mdderive.css", "temml.min.js", "words.json", "examples.json"):
        assert asked(server, name)[0] == 200, name


def test_a_formula_is_derived(server: PlayServer) -> None:
    question = json.dumps({"f": r"\|Xw-y\|^2", "variable": "w", "clauses": "solve"})
    status, text, _ = asked(server, "answer", question)
    assert status == 200
    assert "Stationary point" in json.loads(text)["working"]


def test_a_code_is_explained(server: PlayServer) -> None:
    assert asked(server, "explain/E205")[1].startswith("# E205 ")


@pytest.mark.parametrize("path", ["/", "/play.js", "/x/answer", "/../etc/passwd"])
def test_who_does_not_know_the_address_gets_nothing(server: PlayServer, path: str) -> None:
    assert asked(server, path)[0] == 404
    assert asked(server, path, "{}")[0] == 404


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_who_comes_by_another_name_gets_nothing(server: PlayServer, headers: dict[str, str]) -> None:
    assert asked(server, "", **headers)[0] == 404
    assert asked(server, "answer", "{}", **headers)[0] == 404


def test_no_file_but_those_of_the_page_is_served(server: PlayServer) -> None:
    for path in ("../play.py", "..%2fplay.py", "%2e%2e/play.py", "worker.js/", "explain/../index.html"):
        assert asked(server, path)[0] == 404


def test_what_is_no_question_is_refused(server: PlayServer) -> None:
    assert asked(server, "answer", "[]")[0] == 400
    assert asked(server, "answer", "{")[0] == 400
    assert asked(server, "answer", b"\xff")[0] == 400
    assert asked(server, "answer", "{}", **{"Content-Type": "text/plain"})[0] == 404, "as a form of another site sends"
    assert asked(server, "answer", "x" * 100_001)[0] == 413
    assert asked(server, "answer", "{}", **{"Content-Length": "-1"})[0] == 413


def test_a_deep_formula_is_refused_and_the_server_goes_on(server: PlayServer) -> None:
    deep = json.dumps({"f": "(" * 900 + "x" + ")" * 900, "variable": "x"})
    assert asked(server, "answer", deep)[0] == 200
    assert asked(server, "")[0] == 200


def test_the_command_prints_its_address_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with running(["play", "--no-browser"], 60, stdout=subprocess.PIPE, cwd=tmp_path) as started:
        assert started.stdout is not None
        line = started.stdout.readline()
        assert line.startswith("The playground is at http://127.0.0.1:")
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
    assert list(tmp_path.iterdir()) == [], "nothing is written"


def test_a_port_that_is_taken(server: PlayServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "--no-browser", "--port", str(server.server_port)]) == 2
    assert "cannot be used" in capfd.readouterr().err
