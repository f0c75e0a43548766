"""What the playground answers, without a browser; and its files."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from io import BytesIO

import pytest
from places import FIXTURES, share

import mdderive
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Marker
from mdderive.site.playground import Fields, answer, answer_json, page_words
from mdderive.site.runtime import PAGE, archive, page_files

EXAMPLES = [x for group in json.loads((PAGE / "examples.json").read_text(encoding="utf-8")) for x in group["examples"]]
BAD = re.findall(r"```marker\n(.*?)\n```", (FIXTURES / "errors.md").read_text(encoding="utf-8"), re.DOTALL)


def refused(*fields: str) -> dict[str, object]:
    reply = answer(Fields(*fields)._asdict())
    assert reply["kind"] == "problem", reply
    problem: dict[str, object] = reply["problem"]
    return problem


def without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    mdderive.clear_caches()
    monkeypatch.setitem(sys.modules, "numpy", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda x: x["en"])
def test_every_example_is_derived_where_there_is_no_numpy(
    example: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_numpy(monkeypatch)
    reply = answer(example)
    assert reply["kind"] == "solution", reply["problem"]
    assert {"markdown", "latex", "numpy", "sympy", "json"} <= reply["texts"].keys()
    assert not re.search("[\ue000-\uf8ff]", json.dumps(reply, ensure_ascii=False)), "no private signs reach a page"
    assert bool(reply["remarks"]) == ("solve" in example.get("clauses", ""))


def test_what_only_floating_point_decides_is_said_where_there_is_no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_numpy(monkeypatch)
    problem = refused("x^TAx", "x", "= Ax")
    assert problem["code"] != "E405", "that is refuted exactly"
    problem = refused(r"\|x\|_p", "x")
    assert problem["code"] == "E405"
    assert "numpy" in str(problem["message"])


def test_with_numpy_a_stationary_point_is_shown() -> None:
    reply = answer({"f": r"\|Xw-y\|^2", "variable": "w", "clauses": "solve"})
    assert "Stationary point" in reply["working"]
    assert reply["remarks"] == []


def test_what_was_read_is_told_though_no_solution_follows() -> None:
    reply = answer({"f": "x^TAy", "variable": "x", "clauses": "= Ax"})
    assert reply["kind"] == "problem"
    assert len(reply["read"]) == 4, "f, x, A, y"


def test_a_problem_points_into_its_field() -> None:
    problem = refused("  \\alhpa x", "x")
    assert (problem["code"], problem["field"], problem["start"], problem["end"]) == ("E124", "f", 2, 8)
    assert [x["f"] for x in problem["offers"]] == ["  \\alpha x"]  # type: ignore[attr-defined]
    problem = refused("x^TAx", "x", "x: vector;  A: symmetrc")
    assert (problem["field"], problem["start"]) == ("clauses", 12)
    assert [x["clauses"] for x in problem["offers"]] == ["x: vector;  A: symmetric"]  # type: ignore[attr-defined]


def parted(source: str) -> Marker | None:
    try:
        return read_marker(source, 0)
    except mdderive.DeriveError:
        return None


@pytest.mark.parametrize("source", share(x for x in BAD if parted(x)))
def test_what_is_offered_helps_when_it_is_followed(source: str) -> None:
    marker = parted(source)
    assert marker is not None
    before = answer({"f": marker.f, "variable": marker.variable, "clauses": "; ".join(marker.where)})
    if before["kind"] == "problem":
        for offer in before["problem"]["offers"]:
            after = answer(offer)
            assert after.get("problem", {}).get("code") != before["problem"]["code"], offer


def test_a_whole_marker_fills_the_fields() -> None:
    reply = answer({"f": r" \derive<a^T X b><X>[X: m x n; lang: zh]"})
    assert reply == {"kind": "fields", "f": "a^T X b", "variable": "X", "clauses": "X: m x n; lang: zh"}
    assert answer({"f": r"\derive<a^T X b"})["problem"]["code"] == "E101"


def test_the_marker_that_is_offered_says_the_same() -> None:
    assert (
        answer({"f": "a^TXb", "variable": "X", "clauses": "a: vector; "})["marker"] == r"\derive<a^TXb><X>[a: vector;]"
    )
    shown = Fields(r"\max(x, y > 0)", "x").marker()
    assert shown == "" or read_marker(shown, 0).f.strip("{}") == r"\max(x, y > 0)"


def test_text_is_text_and_never_a_tag() -> None:
    for f in (r"<img src=x onerror=alert(1)>", r"\text{<b>}x", r"a^T x \text{</span><script>}"):
        for clauses in ("", "title: <img src=x onerror=alert(1)>", r"\operatorname{<b>}: scalar"):
            reply = answer({"f": f, "variable": "x", "clauses": clauses, "lang": "<i>", "detail": "<i>"})
            html = "".join((*reply["read"], *(str(reply.get(x, "")) for x in ("statement", "working", "check"))))
            assert not re.search(r"<(img|b|script|i)\b", html)
    reply = answer({"f": "a^T x", "variable": "x", "clauses": "title: 1 & 2"})
    assert "1 &amp; 2" in reply["statement"]


def test_language_and_detail_hold_where_the_clauses_say_nothing() -> None:
    asked = {"f": "x^TAx", "variable": "x", "lang": "zh", "detail": "result"}
    reply = answer(asked)
    assert reply["language"] == "zh"
    assert "mdderive-rows" not in reply["working"]
    assert answer(asked | {"clauses": "lang: en; detail: full"})["language"] == "en"


def test_links_to_rules_lead_where_the_site_has_them() -> None:
    asked = {"f": r"\log\det X", "variable": "X"}
    assert "<a " not in answer(asked)["working"]
    assert 'href="../rules/log-determinant-rule/"' in answer(asked | {"rules": "../rules/{}/"})["working"]


def test_an_answer_is_json() -> None:
    assert json.loads(answer_json('{"f": " ", "variable": "x"}')) == {"kind": "empty"}


def test_the_page_says_what_its_words_say() -> None:
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    said = dict(re.findall(r'data-say="([^"]+)"[^>]*>([^<]*)<', html))
    assert said
    assert said == {key: page_words()["en"][key] for key in said}
    assert page_words()["en"].keys() == page_words()["zh"].keys()


def test_every_word_of_the_page_is_used() -> None:
    page = "".join(
        path.read_text(encoding="utf-8") for path in PAGE.iterdir() if path.suffix in (".js", ".html", ".json")
    )
    python = {"floating", "install", "no point"}
    unused = [key for key in page_words()["en"] if key not in python and f'"{key}"' not in page]
    assert unused == []


def test_an_archive_is_the_same_bytes_every_time() -> None:
    sources = {"b.py": b"b", "a.py": b"a"}
    assert archive(sources) == archive(dict(reversed(sources.items())))
    assert zipfile.ZipFile(BytesIO(archive(sources))).namelist() == ["a.py", "b.py"]


def test_the_page_asks_nobody_else() -> None:
    for name, data in page_files().items():
        if name != "temml.min.js":  # names of namespaces
            assert not re.search(rb"https?://", data), name
