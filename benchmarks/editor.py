"""How long an editor waits: from an edit to its diagnostics, beside a full run of the command line on the same page.

`python benchmarks/editor.py [EDITS]` speaks with `mdderive server` as an editor does. It prints the latency of edits in
prose, in a derivative of the text and in a marker, the ratio to a full run, and the memory of the server at the end.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

MARKERS = (
    r"\derive<\|Xw-y\|^2><w>", r"\derive<a^T X b><X>", r"\derive<x^TAx><x>", r"\derive<\log|X|><X>",
    r"\derive<\operatorname{tr}(AXB)><X>", r"\derive<\|x-a\|^2><x>",
)  # fmt: skip
CLAIMS = (
    r"\nabla_x (a^T x) = a", r"\frac{\partial}{\partial x} x^TAx = (A+A^T)x", r"\nabla_w \|Xw-y\|^2 = 2X^T(Xw-y)",
    r"\frac{\partial}{\partial X}\operatorname{tr}(AX) = A^T", r"\frac{\partial}{\partial X}\log|X| = X^{-T}",
    r"\frac{\partial}{\partial X} a^TXb = ab^T", r"\nabla_x \|x-a\|^2 = 2(x-a)",
    r"\frac{\partial}{\partial X}\operatorname{tr}(X^TX) = X", r"\frac{\partial}{\partial A}x^TAx = xx^T",
)  # fmt: skip
FORTY, HUNDRED = 40, 100
SERVER = (sys.executable, "-m", "mdderive", "server")


def page() -> str:
    """Return a page of 40 markers and 100 claims, no two the same."""
    parts = ["# A page"]
    for k in range(HUNDRED):
        if k < FORTY:
            parts.append(MARKERS[k % len(MARKERS)].replace("<", f"<{k + 2}", 1))
        left, right = CLAIMS[k % len(CLAIMS)].split(" = ")
        parts.append(f"In the case number {k} we know that ${left} = {right}$ holds.")
    return "\n\n".join(parts) + "\n"


def edited(text: str, where: str, k: int) -> str:
    """Return the page after one more edit."""
    if where == "prose":
        return text.replace("number 50", f"number 50{'0' * (k % 5)}1")
    if where == "claim":
        return text.replace("= 2(x-a)", f"= {k + 3}(x-a)", 1)
    return re.sub(r"<7\\\|x-a", lambda _: rf"<{k + 50}\|x-a", text, count=1)


async def measure(edits: int) -> None:
    """Print what is measured."""
    text = page()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notes.md"
        file.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        for option in ("--check", "--lint"):
            subprocess.run([*SERVER[:3], option, str(file)], check=False, capture_output=True, cwd=folder)
        full = time.perf_counter() - started
        client = Client()
        await client.start_io(*SERVER)
        await client.initialize_async(lsp.InitializeParams(capabilities=lsp.ClientCapabilities()))
        client.initialized(lsp.InitializedParams())
        print(f"{'a full run, --check and --lint':34} {1000 * full:8.0f} ms")
        print(f"{'opened, to the first diagnostics':34} {1000 * await client.open(file.as_uri(), text):8.0f} ms")
        for where in ("prose", "claim", "marker"):
            before = client.busy()
            times = [await client.change(edited(text, where, k)) for k in range(edits)]
            busy, middle = (client.busy() - before) / edits, statistics.median(times)
            ratio = f"1/{full / middle:.0f} of a full run, {1000 * busy:.0f} ms of a processor"
            print(f"an edit in a {where:21} {1000 * middle:8.0f} ms   {ratio}")
        print(f"{f'memory after {client.version} versions':34} {client.memory():8.0f} MB")
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()


class Client(LanguageClient):
    """An editor that counts the time."""

    def __init__(self) -> None:
        super().__init__("benchmark", "1")
        self.version = 0
        self.uri = ""
        self._told = asyncio.Event()
        self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._keep(params))

    def _keep(self, params: lsp.PublishDiagnosticsParams) -> None:
        if params.version == self.version:
            self._told.set()

    async def open(self, uri: str, text: str) -> float:
        """Return how many seconds pass until the page that is opened has diagnostics."""
        self.uri, self.version = uri, 1
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "markdown", 1, text)))
        return await self._waited()

    async def change(self, text: str) -> float:
        """Return how many seconds pass until an edit has diagnostics."""
        self.version += 1
        self._told.clear()
        versioned = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.text_document_did_change(
            lsp.DidChangeTextDocumentParams(versioned, [lsp.TextDocumentContentChangeWholeDocument(text)])
        )
        return await self._waited()

    async def _waited(self) -> float:
        started = time.perf_counter()
        await asyncio.wait_for(self._told.wait(), 120)
        return time.perf_counter() - started

    def busy(self) -> float:
        """Return how many seconds of a processor the server has used; 0 where the system does not tell."""
        stat = Path(f"/proc/{self._server.pid}/stat") if self._server else Path()
        fields = stat.read_text().rpartition(")")[2].split() if stat.is_file() else []
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0

    def memory(self) -> float:
        """Return how many megabytes the server has in memory; 0 where the system does not tell."""
        status = Path(f"/proc/{self._server.pid}/status") if self._server else Path()
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.is_file() else None
        return int(found[1]) / 1024 if found else 0


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
