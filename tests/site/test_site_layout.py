"""Pages of the course as they lie: whole, formulas on one baseline, nothing cut without a sign, whatever the width.

After a change that is meant, `python tests/site/test_site_layout.py FOLDER`, FOLDER being the built course, writes
anew how ten solutions lie; read the difference with care.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from places import ROOT
from playwright.sync_api import Browser, Page, sync_playwright
from site_builds import served
from visits import CHROMIUM, PAGES, Visit, check_what_is_asked_and_seen

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

LAID_OUT = ROOT / "tests" / "golden" / "layout.json"
SOLUTIONS = [
    "en/least-squares/#normal-equations", "en/least-squares/#weighted", "en/gaussian/#covariance", "en/pca/",
    "en/back-propagation/", "en/logistic-regression/", "zh/gaussian-process/", "zh/back-propagation/", "zh/kalman/",
    "zh/factorisation/",
]  # fmt: skip
BOXES = """(id) => {
  const block = id ? document.getElementById(id) : document.querySelector('section.mdderive');
  const whole = block.getBoundingClientRect(), em = parseFloat(getComputedStyle(block).fontSize);
  const kinds = ['statement', 'left', 'right', 'reason', 'line', 'check'].map(x => `.mdderive-${x}`).join();
  return [...block.querySelectorAll(kinds)].filter(x => !x.closest('.mdderive-extra')).map(x => {
    const box = x.getBoundingClientRect();
    return [x.className.split(' ')[0].slice(9), (box.left - whole.left) / whole.width, box.height / em,
      (box.top - whole.top) / em].map(y => typeof y === 'string' ? y : Math.round(y * 100) / 100);
  });
}"""
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const x of list.getEntries()) sum += x.value; })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 500);
})"""
EXAMPLES = """() => [...document.querySelectorAll('section.mdderive')].map(
  x => x.querySelector('.mdderive-extra:has(.mdderive-plot)')?.outerHTML.length ?? 0)"""

OPEN = "document.querySelectorAll('article details').forEach(x => { x.open = true; })"
BASELINES = """() => {
  // an empty inline block stands on the baseline of its line
  const baseline = (parent, before) => {
    const probe = document.createElement('span');
    probe.style.cssText = 'display:inline-block;width:0;height:0';
    parent.insertBefore(probe, before);
    const at = probe.getBoundingClientRect().bottom;
    probe.remove();
    return at;
  };
  const least = (found) => found.reduce((x, y) => (Math.abs(x) < Math.abs(y) ? x : y));
  const text = (x) => x.closest('li, p, .mdderive-line').textContent.trim().slice(0, 60);
  const off = [];
  for (const left of document.querySelectorAll('.mdderive-left')) {
    const right = left.nextElementSibling;
    if (left.getBoundingClientRect().bottom <= right.getBoundingClientRect().top + 1) continue;  // it stands above
    const at = baseline(left, left.firstChild);
    const by = least([right.firstChild, right.children[1] || null].map(x => at - baseline(right, x)));
    if (Math.abs(by) > 1.5) off.push(`${by.toFixed(1)} left: ${text(left)}`);
  }
  for (const box of document.querySelectorAll('.mdderive-long, .mdderive-term')) {
    const within = box.parentElement;
    if (within.matches('.mdderive-term')) continue;
    within.style.whiteSpace = 'nowrap';  // so that the box stays on the line of what stands before it
    const by = baseline(box, box.children[1] || null) - baseline(within, box);
    within.style.whiteSpace = '';
    if (Math.abs(by) > 1.5) off.push(`${by.toFixed(1)} long: ${text(box)}`);
  }
  return off;
}"""
CUT = """() => [...document.querySelectorAll('.mdderive math, article p math')].filter((math) => {
  const box = math.getBoundingClientRect();
  if (!box.width) return false;
  let above = math.parentElement;
  while (above !== document.body && !/auto|scroll/.test(getComputedStyle(above).overflowX)) above = above.parentElement;
  return box.right > above.getBoundingClientRect().right + 5 && !above.hasAttribute('tabindex');
}).map(x => x.textContent.slice(0, 60))"""


@pytest.fixture(scope="module", params=PAGES)
def visit(browser: Browser, course: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page that is opened once for all that is asked of it."""
    opened = Visit(browser, course + request.param)
    with opened:
        yield opened


@pytest.fixture(scope="module", params=[1280, 360])
def width(request: pytest.FixtureRequest) -> int:
    """How wide the page is, in pixels."""
    return int(request.param)


def show(page: Page, width: int) -> None:
    """Show all that can be unfolded of a page, as wide as asked."""
    page.evaluate(OPEN)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("dispatchEvent(new Event('resize'))")


def test_a_page_is_whole_asks_nobody_else_and_says_nothing(visit: Visit, course: str) -> None:
    check_what_is_asked_and_seen(visit, course)
    assert visit.page.url == course or visit.page.locator("math").count() > 0


def test_formulas_stand_on_the_baseline_and_none_is_cut_without_a_sign(visit: Visit, width: int) -> None:
    show(visit.page, width)
    assert visit.page.evaluate(BASELINES) == []
    assert visit.page.evaluate(CUT) == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.said == []


def boxes(page: Page, solution: str, width: int) -> list[list[Any]]:
    """Return what a solution is made of, and how it lies in its block: [kind, left of 1, height in em, top in em]."""
    show(page, width)
    found: list[list[Any]] = page.evaluate(BOXES, solution.partition("#")[2])
    return found


def test_its_solutions_lie_as_they_did(visit: Visit, course: str, width: int) -> None:
    """Within what other fonts and another Chromium change."""
    path = visit.page.url.removeprefix(course)
    for solution in (x for x in SOLUTIONS if x.partition("#")[0] == path):
        found = boxes(visit.page, solution, width)
        expected = json.loads(LAID_OUT.read_text(encoding="utf-8"))[f"{solution} {width}"]
        assert [x[0] for x in found] == [x[0] for x in expected]
        for (kind, left, height, top), (_, its_left, its_height, _) in zip(found, expected, strict=True):
            assert abs(left - its_left) < 0.12 or kind == "reason", (kind, top)  # a reason ends at the right
            assert abs(height - its_height) <= max(0.4 * its_height, 1.6), (kind, top)


def test_every_solution_that_is_kept_is_on_a_page() -> None:
    assert {x.partition("#")[0] for x in SOLUTIONS} <= set(PAGES)
    assert json.loads(LAID_OUT.read_text(encoding="utf-8")).keys() == {
        f"{x} {w}" for x in SOLUTIONS for w in (1280, 360)
    }


def test_nothing_moves_once_it_is_seen_and_a_page_is_light(browser: Browser, course: str) -> None:
    with Visit(browser, f"{course}en/back-propagation/") as page:
        assert page.evaluate(SHIFT) < 0.02
        blocks = page.evaluate("[...document.querySelectorAll('section.mdderive')].map(x => x.outerHTML.length)")
        examples = page.evaluate(EXAMPLES)
        assert max(blocks) < 100_000
        assert any(examples)
        assert all(example < block / 2 for block, example in zip(blocks, examples, strict=True)), "at most doubled"


def main(folder: str) -> None:
    """Write how the solutions lie."""
    with served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = {}
        for width, x in product((1280, 360), SOLUTIONS):
            with Visit(browser, address + x.partition("#")[0]) as page:
                found[f"{x} {width}"] = boxes(page, x, width)
        browser.close()
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    LAID_OUT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
