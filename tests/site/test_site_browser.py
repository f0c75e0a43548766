"""The sample course in headless Chromium: what a reader sees, clicks, copies and prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from places import EXHAUSTIVE
from playwright.sync_api import Browser, Page
from site_builds import built_course, run, served, write_site
from visits import CHROMIUM, PAGES, Visit, check_what_is_asked_and_seen, check_what_is_seen

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

GENERATED = ["derivations/", "rules/", "rules/inverse-rule/", "rules/trace-tricks/", "rules/entry-wise-function-rule/"]
SMALL = """# Small

Steps: \\derive<a^T X b><X> in a sentence.

\\derive<\\|Xw-y\\|^2><w>[solve; solutions: steps; id: steps]

\\derive<\\|Xw-y\\|^2 + \\lambda w><w>

\\derive<a^T X b><X>[solutions: hide; id: hidden]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small site of Zensical, which runs the extension alone."""
    folder = write_site(tmp_path_factory.mktemp("small"), {"index.md": SMALL})
    settings = '[project]\nsite_name = "Small"\n[project.theme]\nfont = false\n[project.markdown_extensions.mdderive]\n'
    (folder / "zensical.toml").write_text(settings, encoding="utf-8")
    done = run("zensical", "build", "-f", "zensical.toml", folder=folder)
    assert done.returncode == 0, done.stdout
    with served(folder / "site") as address:
        yield address


@pytest.mark.parametrize("path", GENERATED)
def test_a_page_of_the_plugin_is_whole_asks_nobody_else_and_never_scrolls_sideways(
    browser: Browser, course: str, path: str
) -> None:
    """Those that an author wrote are looked at in test_site_layout.py."""
    visit = Visit(browser, course + path)
    with visit as page:
        check_what_is_asked_and_seen(visit, course)
        assert (page.locator("math").count() > 0) == (path != "rules/")
        page.set_viewport_size({"width": 360, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(x => { x.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert visit.said == []


TAPPED = {"rules": {"target-size": {"enabled": True}}}
"""A rule that axe leaves out by default: what is tapped is 24 pixels large, or stands alone, or within a sentence."""
AUDITED = [
    (path, width, dark)
    for path in ("en/least-squares/", "zh/back-propagation/", "derivations/", "rules/softmax-rule/")
    for width, dark in ((1280, False), (360, True))
]


@pytest.mark.parametrize(("path", "width", "dark"), AUDITED if EXHAUSTIVE else [AUDITED[k] for k in (0, 5, 7)])
def test_axe_finds_nothing_serious(browser: Browser, course: str, path: str, width: int, dark: bool) -> None:
    with Visit(browser, course + path, width=width, dark=dark) as page:
        page.evaluate("document.querySelectorAll('article details').forEach(x => { x.open = true; })")
        page.wait_for_timeout(300)
        found = Axe().run(page, context="article", options=TAPPED).response["violations"]
        serious = [x for x in found if x["impact"] in ("serious", "critical")]
        assert [(x["id"], [node["html"][:200] for node in x["nodes"]][:3]) for x in serious] == []


@pytest.fixture(scope="module")
def page(browser: Browser, course: str) -> Iterator[Page]:
    """A page of the course, on whose solutions the tests click, each on another one."""
    permissions = ["clipboard-read", "clipboard-write"]
    with Visit(browser, f"{course}en/least-squares/", permissions=permissions) as opened:
        yield opened


@pytest.fixture(scope="module")
def bare(browser: Browser, course: str) -> Iterator[Page]:
    """The same page where scripts do not run."""
    with Visit(browser, f"{course}en/least-squares/", java_script_enabled=False) as opened:
        yield opened


def test_a_solution_unfolds_by_key_and_by_link(page: Page) -> None:
    solution = page.locator("#weighted details.mdderive-solution")
    result = solution.locator(".mdderive-result").first
    assert not result.is_visible()
    solution.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert result.is_visible()
    page.get_by_role("link", name="Derivation 2", exact=True).click()
    assert page.url.endswith("#ridge")


def test_the_check_opens_to_points_sizes_and_errors(page: Page) -> None:
    check = page.locator("#normal-equations .mdderive-check")
    check.locator("summary").click()
    assert "lines 1-4 evaluated over a prime field" in check.inner_text()


SOURCES = {
    "numpy": "def gradient(*, X, w, y)",
    "jax": "jax.numpy",
    "torch": "import torch",
    "Julia": "function gradient",
    "SymPy": "import sympy",
    "reference": "Least squares. http",
}


def test_every_source_and_a_reference_are_copied(page: Page) -> None:
    block = page.locator("#normal-equations")
    block.get_by_role("button", name="Copy LaTeX").click()
    block.get_by_role("button", name="Copied").wait_for()
    assert r"\begin{align*}" in page.evaluate("navigator.clipboard.readText()")
    for name, part in SOURCES.items():
        block.get_by_role("button", name=f"Copy {name}").click()
        page.wait_for_function("async part => (await navigator.clipboard.readText()).includes(part)", arg=part)


def test_a_button_is_called_by_the_language_of_its_page(page: Page, course: str) -> None:
    page.goto(f"{course}zh/least-squares/")
    assert page.locator("#ridge").get_by_role("button", name="复制 LaTeX").count() == 1


def test_a_rules_name_leads_to_its_page(page: Page, course: str) -> None:
    page.goto(f"{course}en/gaussian/")
    page.locator("#covariance a.mdderive-rule", has_text="log-determinant").first.click()
    page.wait_for_url("**/rules/log-determinant-rule/")
    assert page.locator("h1").inner_text().startswith("Log-determinant rule")
    assert page.locator("section.mdderive").count() == 1


LINK = re.compile(r'<a class="mdderive-rule" href="([^"#]+)')


def test_every_link_to_a_rule_leads_somewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = built_course(tmp_path_factory)
    links = {
        (folder / path / found[1]).resolve()
        for path in PAGES
        for found in LINK.finditer((folder / path / "index.html").read_text("utf-8"))
    }
    assert len(links) > 8
    assert [x for x in links if not (x / "index.html").is_file()] == []


def test_without_a_script_it_is_read_and_unfolded_all_the_same(bare: Page) -> None:
    assert bare.locator("#ridge .mdderive-result").first.is_visible()
    bare.locator("#weighted details.mdderive-solution > summary").click()
    assert bare.locator("#weighted .mdderive-result").first.is_visible()
    assert bare.locator(".mdderive-tools").count() == 0
    bare.locator("#ridge .mdderive-ask").first.click()
    assert bare.locator("#ridge .mdderive-why:popover-open").is_visible()
    bare.locator("#weighted details.mdderive-solution > summary").click()


def test_on_paper_every_solution_is_there(bare: Page) -> None:
    assert not bare.locator("#weighted .mdderive-result").first.is_visible()
    bare.emulate_media(media="print")
    assert bare.locator("#weighted .mdderive-result").first.bounding_box() is not None
    assert bare.locator("#weighted .mdderive-result").first.is_visible()
    assert not bare.locator("#ridge .mdderive-check").is_visible()
    assert bare.pdf()[:5] == b"%PDF-"


def test_what_is_hidden_is_nowhere(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = built_course(tmp_path_factory, "hide")
    html = (folder / "en" / "least-squares" / "index.html").read_text(encoding="utf-8")
    block = re.search(r'<section[^>]* id="weighted".*?</section>', html, re.DOTALL)
    assert block is not None
    assert "mdderive-result" not in block[0]
    assert "data-" not in block[0]
    with served(folder) as address, Visit(browser, f"{address}en/least-squares/") as page:
        assert page.locator("#weighted details").count() == 0
        assert "Find" in page.locator("#weighted").inner_text()
        index = json.loads(page.request.get(f"{address}search/search_index.json").text())
        assert "Dy" not in json.dumps(index).replace("dy", "")
        page.goto(f"{address}derivations/")
        assert page.get_by_text("checked, hidden").count() > 20


def test_zensical_shows_the_same_offline(browser: Browser, small: str) -> None:
    visit = Visit(browser, small, width=360)
    with visit as page:
        page.wait_for_load_state("networkidle")
        check_what_is_seen(page)
        assert [x for x in visit.said if "favicon" not in x] == []
        assert [x for x in visit.asked if not x.startswith((small, "data:", "blob:"))] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        border = page.locator("#steps").evaluate("x => getComputedStyle(x).borderInlineStartWidth")
        assert border == "3px", "the style sheet came with the page"
        page.locator("#steps details.mdderive-solution > summary").click()
        steps = page.locator("#steps details.mdderive-step")
        assert steps.count() == 5, "three rows, the gradient and the stationary point"
        result = page.locator("#steps .mdderive-result").first
        tools = page.locator("#steps .mdderive-tools")
        for k in range(3):
            assert not steps.nth(k + 1).is_visible() and not result.is_visible() and not tools.is_visible()
            steps.nth(k).locator("summary").click()
        assert not result.is_visible()
        steps.nth(3).locator("summary").click()
        assert result.is_visible()
        steps.nth(4).locator("summary").click()
        assert tools.get_by_role("button", name="Copy LaTeX").is_visible()
        assert "^^^^" in page.locator(".mdderive-failure pre").inner_text()
        assert page.locator("#hidden details").count() == 0
