"""The playground in headless Chromium: Python runs in the page, and nobody else is asked anything."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from places import EXHAUSTIVE, ROOT
from playwright.sync_api import Browser, Page, expect
from site_builds import run, served, write_site
from visits import CHROMIUM, Visit

from mdderive.site.playground import Fields, answer
from mdderive.site.runtime import ENGINE, STANDARD_LIBRARY, told_where

PYODIDE = ROOT / "tests" / "node" / "node_modules" / "pyodide"
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.skipif(not PYODIDE.is_dir(), reason="needs Pyodide from npm"),
]
PATIENCE = 90_000  # milliseconds; the first answer takes some seconds, on a busy machine many
CORPUS = ROOT / "tests" / "corpus" / "published.jsonl"
MOST_BYTES = 10_000_000


COURSE = r"""# Exercises

<!-- mdderive: A: n x n -->

\derive<x^TAx><x>[answer; id: quadratic]

\derive<\operatorname{tr}(AX)><X>[try; id: trace]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with exercises and the playground, built once, as the engine is compiled for the browser."""
    folder = write_site(tmp_path_factory.mktemp("course"), {"index.md": COURSE})
    settings = (folder / "mkdocs.yml").read_text(encoding="utf-8")
    plugin = f"mdderive: {{rules: '', playground: true, pyodide: '{PYODIDE}'}}"
    (folder / "mkdocs.yml").write_text(
        settings.replace("mdderive: {rules: ''}", plugin).replace(
            "theme: mkdocs", "theme: {name: mkdocs, highlightjs: false}"
        ),
        encoding="utf-8",
    )
    done = run("mkdocs", "build", "--strict", folder=folder)
    assert done.returncode == 0, done.stdout
    return folder / "site"


@pytest.fixture(scope="module")
def course(site: Path) -> Iterator[str]:
    with served(site) as root:
        yield root


@pytest.fixture(scope="module")
def files(site: Path) -> dict[str, bytes]:
    """The playground's files as a site without rules has them, with pages of errors."""
    found = {path.name: path.read_bytes() for path in (site / "playground").iterdir()}
    return found | {"index.html": told_where(found["index.html"], errors="../errors/#")}


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playground's files, as they are served."""
    found = tmp_path_factory.mktemp("site") / "playground"
    found.mkdir()
    for name, data in files.items():
        (found / name).write_bytes(data)
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder.parent) as root:
        yield f"{root}playground/"


@pytest.fixture(scope="module")
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A page whose engine has started, which the tests share, as that takes seconds."""
    opened = Visit(
        browser, f"{address}#f=a%5ET+X+b&variable=X&lang=en", permissions=["clipboard-read", "clipboard-write"]
    )
    with opened as page:
        expect(page.locator("#worked math").first).to_be_visible(timeout=PATIENCE)
        yield opened


def fill(page: Page, f: str, variable: str, clauses: str = "") -> None:
    for name, text in (("f", f), ("variable", variable), ("clauses", clauses)):
        page.fill(f"#{name}", text)


def asked(count: int) -> list[tuple[str, str]]:
    lines = map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines())
    plain = [x for x in lines if x["kind"] == "scalar/matrix" and not x["assume"] and not x.get("out_of_grammar")]
    some = [(x["f"], x["wrt"]) for x in plain[:: len(plain) // (count + 4)]]
    return [x for x in some if answer(Fields(*x)._asdict())["kind"] == "solution"][:count]


def test_it_is_small(files: dict[str, bytes]) -> None:
    assert sum(map(len, files.values())) < MOST_BYTES


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_nothing_is_compiled_while_a_reader_waits(files: dict[str, bytes]) -> None:
    for name in (ENGINE, STANDARD_LIBRARY):
        held = zipfile.ZipFile(BytesIO(gzip.decompress(files[f"{name}.gz"]))).namelist()
        assert [x for x in held if x.endswith(".py")] == []
        assert "re/__init__.pyc" in held or "mdderive/site/playground.pyc" in held


def test_it_asks_nobody_else_and_no_word_is_said_on_the_console(visit: Visit, address: str) -> None:
    assert [x for x in visit.asked if not x.startswith((address, "data:", "blob:"))] == []
    assert visit.said == []


def test_ten_formulas_of_the_corpus_are_derived_without_a_network(visit: Visit) -> None:
    page = visit.page
    expect(page.locator("#status")).to_have_text("Ready; also without a network.", timeout=PATIENCE)
    visit.context.set_offline(True)
    try:
        for f, variable in asked(10):
            fill(page, f, variable)
            expect(page.locator("#worked mo", has_text="=").first).to_be_visible(timeout=PATIENCE)
            page.wait_for_timeout(400)
            expect(page.locator("#status")).to_have_text("Ready; also without a network.", timeout=PATIENCE)
            assert not page.locator("#problem").is_visible(), page.locator("#problem").inner_text()
            assert page.locator("#worked .mdderive-check").count() == 1
    finally:
        visit.context.set_offline(False)


def test_a_refusal_has_a_caret_and_its_hint_is_a_button(visit: Visit) -> None:
    page = visit.page
    fill(page, r"x^T A \alhpa", "x")
    problem = page.locator("#problem")
    expect(problem).to_contain_text("E124", timeout=PATIENCE)
    assert page.locator(".play-excerpt").inner_text() == "x^T A \\alhpa\n      ^^^^^^"
    assert page.locator("#f").get_attribute("aria-invalid") == "true"
    assert problem.locator("a").get_attribute("href") == "../errors/#E124"
    page.locator(".play-excerpt").click()
    assert page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]") == [6, 12]
    page.get_by_role("button", name=r"\alpha").click()
    assert page.input_value("#f") == r"x^T A \alpha"
    expect(page.locator("#solution")).to_be_visible(timeout=PATIENCE)
    assert not problem.is_visible()


def test_the_address_holds_everything(visit: Visit, browser: Browser) -> None:
    page = visit.page
    fill(page, r"\operatorname{tr}(AX)", "X", "A: 3 x 2")
    page.select_option("#lang", "zh")
    page.select_option("#detail", "result")
    expect(page.locator("#worked:lang(zh)")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#worked .mdderive-rows")).to_have_count(0, timeout=PATIENCE)
    page.get_by_role("button", name="复制网址").click()
    address = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#worked math").first).to_be_visible(timeout=PATIENCE)
    values = [page.input_value(f"#{x}") for x in ("f", "variable", "clauses", "lang", "detail")]
    assert values == [r"\operatorname{tr}(AX)", "X", "A: 3 x 2", "zh", "result"]
    page.select_option("#lang", "en")
    page.select_option("#detail", "full")
    expect(page.locator("#worked")).to_contain_text("Take the differential", timeout=PATIENCE)


def test_sources_are_chosen_by_key_and_copied(visit: Visit) -> None:
    page = visit.page
    fill(page, "a^T X b", "X")
    expect(page.locator("#letters math")).to_have_count(4, timeout=PATIENCE)
    page.get_by_role("tab", name="Markdown").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "numpy"
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "def gradient(" in page.evaluate("navigator.clipboard.readText()")


def test_an_example_is_chosen_and_each_source_of_it_has_a_text(visit: Visit) -> None:
    page = visit.page
    examples = page.locator("#example option").evaluate_all("all => all.map(x => x.value).filter(x => x)")
    assert len(examples) == 25
    page.select_option("#example", examples[7])
    page.select_option("#detail", "brief")
    expect(page.get_by_role("tab", name="Markdown")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#status")).to_have_text("Ready; also without a network.", timeout=PATIENCE)
    texts = {}
    for name in ("Markdown", "LaTeX", "numpy", "JAX", "PyTorch", "Julia", "SymPy", "JSON"):
        page.get_by_role("tab", name=name, exact=True).click()
        texts[name] = page.locator("#text").inner_text()
    assert len(set(texts.values())) == 8 and all(texts.values())
    assert json.loads(texts["JSON"])[0]["status"] == "verified"
    page.select_option("#detail", "full")


def test_a_whole_marker_is_taken_apart(visit: Visit) -> None:
    page = visit.page
    page.fill("#f", r"\derive<x^TAx><x>[A: symmetric]")
    expect(page.locator("#clauses")).to_have_value("A: symmetric", timeout=PATIENCE)
    assert page.input_value("#f") == "x^TAx"


def test_a_formula_injects_no_html(visit: Visit) -> None:
    page = visit.page
    for f in (r"a^T x \text{<img src=q onerror=document.title='in'>}", "<img src=q onerror=document.title='in'>"):
        fill(page, f, "x")
        expect(page.locator("#problem")).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(500)
        assert page.locator("main img").count() == 0
        assert page.title() != "in"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(visit: Visit, width: int, dark: bool) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")
    for f, wrong in ((r"-y^T\log\operatorname{softmax}(W_2\sigma(W_1x+b_1)+b_2)", False), (r"a^T \alhpa X b", True)):
        fill(page, f, "W_1" if not wrong else "X")
        expect(page.locator("#problem" if wrong else "#solution")).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(300)
        found = page.evaluate("document.documentElement.scrollWidth")
        assert found <= width
        if wrong == dark and not EXHAUSTIVE:
            continue
        violations = Axe().run(page).response["violations"]
        assert [(x["id"], [node["html"][:200] for node in x["nodes"]][:3]) for x in violations] == []


def test_exercises_answer_back(browser: Browser, course: str) -> None:
    opened = Visit(browser, course, width=360)
    with opened as page:
        exercise = page.locator("#quadratic")
        said = exercise.locator(".mdderive-said")
        answers = (
            ("Ax", "the first entry that differs"),
            ("2Ax", "only if"),
            ("x^T(A+A^T)", "other layout"),
            ("(A+A^T", "^"),
        )
        for stated, verdict in (*answers, ("Ax+A^Tx", "Right.")):
            exercise.get_by_label("Your answer").fill(stated)
            exercise.get_by_role("button", name="Check").click()
            expect(said).to_contain_text(verdict, timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        found = Axe().run(page, context="#quadratic").response["violations"]
        assert [(x["id"], [node["html"][:200] for node in x["nodes"]][:3]) for x in found] == []
        exercise.locator("details.mdderive-solution > summary").click()
        steps = exercise.locator("details.mdderive-step")
        assert steps.first.is_visible() and not steps.nth(1).is_visible()
        steps.first.locator("summary").click()
        assert steps.nth(1).is_visible() and not exercise.locator(".mdderive-result").is_visible()
        box = page.locator("#trace .mdderive-asked")
        box.get_by_role("textbox").fill(r"\operatorname{tr}(AX^TX)")
        box.get_by_role("button", name="Derive").click()
        expect(box.locator(".mdderive-result math").first).to_be_visible(timeout=PATIENCE)
        assert [x for x in opened.said if "search" not in x] == [], "but for the theme's search"
        assert [x for x in opened.asked if not x.startswith((course, "data:", "blob:"))] == []


def test_without_a_script_an_exercise_has_its_solution(browser: Browser, course: str) -> None:
    with Visit(browser, course, java_script_enabled=False) as page:
        page.locator("#quadratic details.mdderive-solution > summary").click()
        page.locator("#quadratic details.mdderive-step summary").first.click()
        assert page.locator("#trace .mdderive-result").is_visible()


def test_it_opens_without_a_network_once_it_was_here(visit: Visit, folder: Path, address: str) -> None:
    """The last test: the files are gone then."""
    expect(visit.page.locator("#status")).to_have_text("Ready; also without a network.", timeout=PATIENCE)
    visit.page.goto("about:blank")
    shutil.rmtree(folder)
    visit.page.goto(f"{address}#f=x%5ETx&variable=x&lang=en")
    expect(visit.page.locator("#worked math").first).to_be_visible(timeout=PATIENCE)
