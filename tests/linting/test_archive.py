"""The lint over an archive, examples/archive/: bounds of a document, results that stay, a worker that is lost."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).parents[2] / "examples" / "archive"
sys.path.insert(0, str(ARCHIVE))

archive = pytest.importorskip("archive", reason="the bounds of a document are those of POSIX")
judging = pytest.importorskip("judging")

TRUE = "$\\nabla_x (a^Tx) = a$ and $\\nabla_x (x^Tx) = 2x$\n"
WRONG = "\\[ \\nabla_x (a^T x) = \\two a \\]\n"


def document(k: int) -> object:
    return judging.Document("notes", f"{k}.md", "markdown", f"# {k}\n\n{TRUE}")


def test_a_document_and_what_comes_of_it_are_plain_records() -> None:
    one = document(1)
    assert pickle.loads(pickle.dumps(one)) == one
    found = judging.judge(one)
    assert found["verdicts"] == {"true": 2}
    assert [x["latex"] for x in found["claims"]] == ["a", "2x"]


def test_what_breaks_a_bound_is_recorded() -> None:
    assert judging.judge_within(document(1), seconds=0.0)["state"] == "time"
    assert judging.judge_within(document(1), megabytes=1)["state"] in ("memory", "crashed")
    assert judging.judge_within(document(1), seconds=300)["verdicts"] == {"true": 2}


def test_folders_and_sources_of_papers_are_read(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    paper.mkdir()
    (paper / "main.tex").write_text(f"\\documentclass{{article}}\n\\input{{macros}}\n{WRONG}")
    (paper / "macros.tex").write_text("\\newcommand{\\two}{2}\n")
    with tarfile.open(tmp_path / "1.tar.gz", "w:gz") as made:
        made.add(paper, arcname=".")
    found = {x.name: x for source in (paper, tmp_path / "1.tar.gz") for x in archive.documents([source])}
    assert sorted(found) == ["macros.tex", "main.tex"]
    assert judging.judge(found["main.tex"])["verdicts"] == {"false": 1}
    assert [x.repository for x in archive.documents([paper, tmp_path / "1.tar.gz"])] == [
        *["paper"] * 2,
        *["1.tar.gz"] * 2,
    ]


def test_a_run_that_was_ended_goes_on_where_it_stood(tmp_path: Path) -> None:
    results = archive.Results(tmp_path)
    for k in range(3):
        one = document(k)
        results.add({"state": "judged", "key": one.key, "repository": "notes", "document": one.name, "verdicts": {}})
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-9])  # ended while the last line was written
    again = archive.Results(tmp_path)
    assert again.done == {document(0).key, document(1).key}
    last = document(2)
    again.add({"state": "time", "key": last.key, "repository": "notes", "document": last.name})
    assert [x["key"] for x in archive.Results(tmp_path).all()] == [document(k).key for k in range(3)]
    assert again.report() == "notes: 3 documents; 1 documents: time"


def test_a_worker_that_is_lost_costs_no_document(tmp_path: Path) -> None:
    distributed = pytest.importorskip("dask.distributed")
    import dask

    dask.config.set({"distributed.worker.daemon": False})
    results = archive.Results(tmp_path)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        pids = sorted(client.run(os.getpid).values())

        def documents() -> Iterator[object]:
            for k in range(10):
                if k == 8:
                    os.kill(pids[0], signal.SIGKILL)
                yield document(k)

        archive.run(client, documents(), results, seconds=300, megabytes=4096)
    found = list(results.all())
    assert sorted(x["key"] for x in found) == sorted(document(k).key for k in range(10))
    assert all(x["verdicts"] == {"true": 2} for x in found)
