"""MkDocs, ProperDocs and Zensical for real: what they write, what they refuse, and that the docs stay as they are."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from site_builds import built_course, run, write_site
from test_watching import heed_ctrl_c

from mdderive.documents.cache import Cache
from mdderive.site.ahead import FEW, Ahead

PAGE = """# Least squares

\\derive<\\|Xw-y\\|^2><w>[solve; id: ls]

The gradient of $a^\\top Xb$ is \\derive<a^T X b><X>.
"""
BROKEN = "# Broken\n\n\\derive<\\|Xw-y\\|^2 + \\lambda w><w>\n"
OTHER = "# Other\n\nsee [](index.md#ls)\n"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with the pages of all rules, whose solutions are kept from one build to the next."""
    return write_site(tmp_path_factory.mktemp("small"), {"index.md": PAGE, "other.md": OTHER}, rules=True)


@pytest.mark.parametrize("builder", ["mkdocs", "properdocs"])
def test_a_site_is_built_and_the_docs_are_not_touched(small: Path, builder: str) -> None:
    folder = small
    before = contents(folder / "docs")
    shutil.rmtree(folder / "site", ignore_errors=True)
    done = run(builder, "build", "--strict", folder=folder)
    assert done.returncode == 0, done.stdout
    assert contents(folder / "docs") == before
    html = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert '<section class="mdderive mdderive-show" id="ls"' in html
    assert '<span class="mdderive-value" title="Let ' in html
    assert 'href="rules/product-rule/"' in html
    assert 'href="assets/mdderive/mdderive.css"' in html
    assert (folder / "site" / "assets" / "mdderive" / "mdderive.js").stat().st_size > 0
    assert (folder / "site" / "rules" / "product-rule" / "index.html").is_file()
    other = (folder / "site" / "other" / "index.html").read_text(encoding="utf-8")
    assert re.search(r'<a href="[^"]*#ls">Derivation 1</a>', other)


def test_the_index_and_the_json_know_every_derivation(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": PAGE, "broken.md": BROKEN})
    assert run("mkdocs", "build", folder=folder).returncode == 0
    objects = json.loads((folder / "site" / "derivations.json").read_text(encoding="utf-8"))
    assert [(x["file"], x["line"], x["status"], x["id"]) for x in objects] == [
        ("index.md", 3, "verified", "ls"),
        ("index.md", 5, "verified", ""),
        ("broken.md", 3, "error", ""),
    ]
    assert objects[0]["gradient"] == r"2X^\top(Xw-y)"
    assert objects[0]["page"] == "#ls"
    assert objects[2]["error"]["code"] == "E203"
    index = (folder / "site" / "derivations" / "index.html").read_text(encoding="utf-8")
    assert 'href="../#ls"' in index
    assert "E203" in index


@pytest.mark.parametrize("builder", ["mkdocs", "properdocs"])
def test_a_strict_build_fails_at_what_cannot_be_derived(tmp_path: Path, builder: str) -> None:
    folder = write_site(tmp_path, {"index.md": BROKEN})
    loose = run(builder, "build", folder=folder)
    assert loose.returncode == 0
    assert "docs/index.md:3:22: E203 a scalar and a column vector cannot be added" in loose.stdout
    html = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "mdderive-failure" in html
    assert "^^^^" in html
    strict = run(builder, "build", "--strict", folder=folder)
    assert strict.returncode == 1
    assert "Aborted with 1 warnings in strict mode" in strict.stdout


def test_a_first_build_solves_ahead_and_the_second_writes_the_same_with_what_is_kept(tmp_path: Path) -> None:
    pages = {f"page-{k}.md": rf"""# Page {k}

\derive<x^TA_{{{k}}}x><x>

\derive<\|X_{{{k}}}w-y\|^2><w>
""" for k in range(12)}  # fmt: skip
    folder = write_site(tmp_path, pages)
    assert run("mkdocs", "build", "--strict", folder=folder).returncode == 0
    first = contents(folder / "site")
    kept = contents(folder / ".cache" / "mdderive")
    assert len(kept) > 24
    for path in (folder / ".cache" / "mdderive").iterdir():
        os.utime(path, (1, 1))
    assert run("mkdocs", "build", "--strict", folder=folder).returncode == 0
    assert contents(folder / ".cache" / "mdderive") == kept
    assert all(path.stat().st_mtime == 1 for path in (folder / ".cache" / "mdderive").iterdir())
    second = contents(folder / "site")
    changed = {name for name in first if first[name] != second.get(name) and not name.startswith("sitemap")}
    assert not changed
    assert len(json.loads(first["derivations.json"])) == 24


def test_processes_solve_the_pages_to_come_once_several_markers_were_missing(tmp_path: Path) -> None:
    texts = [rf"\derive<a^TX_{{{k}}}b><a>" for k in range(4)]  # too few to start at once
    ahead = Ahead(Cache(tmp_path / "kept"), (), lambda: texts)
    try:
        assert not any(ahead.has_solved(texts[0]) for _ in range(FEW - 1))
        solved = [ahead.has_solved(text) for text in texts]
        assert all(solved) or not any(solved)  # on one processor nobody could work ahead
        assert not ahead.has_solved("a page that nobody told of")
        kept = [path for path in (tmp_path / "kept").glob("*") if path.name != ".gitignore"]
        assert len(kept) == (4 if solved[0] else 0)
    finally:
        ahead.end()


def test_processes_solve_the_pages_of_a_first_build_at_once(tmp_path: Path) -> None:
    texts = ["\n\n".join(rf"\derive<a^TX_{{{k}}}b><a>" for k in range(n, n + FEW)) for n in (0, FEW)]
    for kept in range(2):
        ahead = Ahead(Cache(tmp_path), (), lambda: texts)
        try:
            started = [ahead.has_solved(text) for text in texts]
        finally:
            ahead.end()
        assert started in ([not kept] * 2, [False] * 2)  # on one processor nobody could work ahead


def test_a_page_that_no_process_is_at_yet_is_not_waited_for(tmp_path: Path) -> None:
    many = ["\n\n".join(rf"\derive<a^TX_{{{k}}}b><a>" for k in range(n, n + 300)) for n in (0, 300)]
    ahead = Ahead(Cache(tmp_path), (), lambda: [*many, r"\derive<a^TYb><a>", r"\derive<a^TZb><a>"])
    try:
        assert not ahead.has_solved(r"\derive<a^TYb><a>")
    finally:
        ahead.end()


def test_search_reads_the_words_of_a_solution_and_not_its_lines(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": PAGE}, theme="material")
    assert run("mkdocs", "build", "--strict", folder=folder).returncode == 0
    found = json.loads((folder / "site" / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    text = " ".join(one["text"] for one in found)
    assert "normal equations" in text
    assert "squared norm as an inner product" in text
    assert "def gradient" not in text
    assert text.count("Derivation 1") == 1  # on its page, not in the index of derivations too
    html = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "def gradient" in html
    assert "data-mdderive" not in html
    assert "mdderive-table" in (folder / "site" / "derivations" / "index.html").read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_project_wherever_the_build_is_started(tmp_path: Path) -> None:
    folder = write_site(tmp_path / "course", {"index.md": "# T\n\n\\derive<x^TAx><x>\n"})
    (folder / "pyproject.toml").write_text('[tool.mdderive]\nwhere = ["A: symmetric"]\n', encoding="utf-8")
    done = run("mkdocs", "build", "--strict", "-f", "course/mkdocs.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert " symmetric" in (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert (folder / ".cache" / "mdderive").is_dir()


def test_serve_builds_once_for_a_change_and_does_not_loop(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": PAGE})
    port = 8100 + os.getpid() % 800
    command = [sys.executable, "-u", "-m", "mkdocs", "serve", "--livereload", "-a", f"127.0.0.1:{port}"]
    log = folder / "log"
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.STDOUT, preexec_fn=heed_ctrl_c)
    try:
        assert _comes(lambda: "Serving on" in log.read_text(encoding="utf-8"))
        (folder / "docs" / "index.md").write_text(f"{PAGE}\n\nmore text\n", encoding="utf-8")
        assert _comes(lambda: log.read_text(encoding="utf-8").count("Documentation built") == 2)
        html = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        time.sleep(2)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    assert "more text" in html
    assert html.count('<section class="mdderive') == 1
    assert log.read_text(encoding="utf-8").count("Building documentation") == 2


def _comes(condition: object, seconds: float = 40) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def test_zensical_runs_the_extension(tmp_path: Path) -> None:
    page = "---\nmdderive: {where: ['A: symmetric']}\n---\n\n" + PAGE + "\n\\derive<x^TAx><x>[solutions: hide]\n"
    folder = write_site(tmp_path, {"index.md": page, "broken.md": BROKEN})
    (folder / "zensical.toml").write_text(
        '[project]\nsite_name = "Small"\n[project.theme]\nfont = false\n[project.markdown_extensions.mdderive]\n',
        encoding="utf-8",
    )
    done = run("zensical", "build", "-f", "zensical.toml", folder=folder)
    assert done.returncode == 0, done.stdout
    assert "docs/broken.md:3:22: E203" in done.stdout
    html = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert '<section class="mdderive mdderive-show" id="ls"' in html
    assert "symmetric" in html
    assert "data:text/css;base64," in html
    assert "container-type" not in (folder / "site" / "search.json").read_text(encoding="utf-8")


ZENSICAL = """[project]
site_name = "Small"
[project.theme]
font = false
language = "zh"
[project.markdown_extensions.tables]
[project.markdown_extensions.admonition]
[project.markdown_extensions.pymdownx.details]
[project.markdown_extensions.mdderive]
rules = "/rules/{}/"
solutions = "hide"
"""


def test_zensical_has_the_index_and_the_json_that_its_command_writes(tmp_path: Path) -> None:
    hidden = "# $t^2$ [a|b]\n\n??? note\n\n    \\derive<|a|+b^2><b>[a: scalar; b: scalar]\n"
    pages = {"index.md": PAGE.replace("id: ls", "id: ls; solutions: show"), "sub/a b.md": hidden, "broken.md": BROKEN}
    folder = write_site(tmp_path, pages | {"rules/norm-rule.md": PAGE})
    (folder / "zensical.toml").write_text(ZENSICAL, encoding="utf-8")
    assert run("mdderive.site.zensical", folder=folder).returncode == 4  # one page is broken
    before = contents(folder / "docs")
    assert run("mdderive.site.zensical", "zensical.toml", folder=folder).returncode == 4
    assert contents(folder / "docs") == before
    done = run("zensical", "build", "-f", "zensical.toml", folder=folder)
    assert done.returncode == 0, done.stdout
    assert "does not exist" not in done.stdout
    objects = json.loads((folder / "site" / "derivations.json").read_text(encoding="utf-8"))
    assert [(x["page"], x["status"], x["gradient"]) for x in objects] == [
        ("broken/", "error", None),
        ("#ls", "verified", r"2X^\top(Xw-y)"),
        ("", "verified", None),
        ("sub/a b/#derivation-1", "verified", None),
    ]
    table = (folder / "site" / "derivations" / "index.html").read_text(encoding="utf-8").split('<table lang="zh">')[1]
    assert re.findall(r'<a href="(\S+)"', table)[:4] == ["../broken/", "../#ls", "../", "../sub/a%20b/#derivation-1"]
    assert "\\|Xw-y\\|^2 + \\lambda w</code>" in table
    assert "[a|b]</a></td>\n<td>已验证，不显示</td>" in table
    assert "<td><math" not in table
    assert table.count("<math>") >= 6
    assert 'id="derivation-1"' in (folder / "site" / "sub" / "a b" / "index.html").read_text(encoding="utf-8")


def test_the_command_for_zensical_leaves_the_authors_files_alone(tmp_path: Path) -> None:
    own = {"derivations.md": "# My own\n", "derivations.json": "{}\n", "index.md": PAGE}
    folder = write_site(tmp_path, own)
    (folder / "zensical.toml").write_text(ZENSICAL, encoding="utf-8")
    before = contents(folder / "docs")
    done = run("mdderive.site.zensical", folder=folder)
    assert done.returncode == 2
    assert done.stdout.count("not written by mdderive, and left as it is") == 2
    assert contents(folder / "docs") == before
    assert run("mdderive.site.zensical", "nowhere.toml", folder=folder).returncode == 2


def test_pages_of_the_rules_can_be_written_for_a_builder_without_plugins(tmp_path: Path) -> None:
    assert run("mdderive.site.rules", "rules", "zh", folder=tmp_path).returncode == 0
    text = (tmp_path / "rules" / "inverse-rule.md").read_text(encoding="utf-8")
    assert text.startswith("# 逆法则\n\n$$\n\\mathrm{d}(X^{-1}) = -X^{-1}")
    assert run("mdderive.site.rules", folder=tmp_path).returncode == 2


SECRETS = [r"2X^\top(Xw-y)", "normal equations", "we read off", "(Xw-y)x", "residual is the", "gradient(*, X, w, y)"]


def test_the_hand_out_holds_nothing_of_what_is_hidden(tmp_path: Path) -> None:
    """All that a hidden solution would show is searched for in every file of the site."""
    hidden = PAGE.replace("id: ls", "id: ls; solutions: hide").split("\n\nThe")[0]
    folder = write_site(tmp_path, {"index.md": hidden}, theme="material")
    assert run("mkdocs", "build", "--strict", folder=folder).returncode == 0
    for name, data in contents(folder / "site").items():
        if name.startswith("assets/") and "mdderive" not in name:
            continue
        text = data.decode("utf-8", "replace")
        for secret in SECRETS:
            assert secret not in text, f"{secret} in {name}"
        assert "<mn>2</mn><msup><mi>X</mi>" not in text
        assert "2X⊤" not in text
    objects = json.loads((folder / "site" / "derivations.json").read_text(encoding="utf-8"))
    assert objects[0]["gradient"] is None
    assert objects[0]["steps"] == []
    assert objects[0]["solutions"] == "hide"


@pytest.mark.parametrize("mode", ["hide", "show"])
def test_one_source_makes_the_hand_out_and_the_lecturers_version(
    tmp_path_factory: pytest.TempPathFactory, mode: str
) -> None:
    folder = built_course(tmp_path_factory, mode)
    objects = json.loads((folder / "derivations.json").read_text(encoding="utf-8"))
    exercises = [x for x in objects if x["id"] == "weighted"]
    assert len(exercises) == 2
    assert all((x["gradient"] is None) == (mode == "hide") for x in exercises)
    assert all(x["status"] == "verified" for x in objects)
