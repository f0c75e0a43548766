"""How solutions lie on the page: on one baseline, nothing cut without a sign, whatever the width.

After a change that is meant, `python tests/site/test_site_layout.py FOLDER`, FOLDER being the built course, writes
anew how ten solutions lie; read the difference with care.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import ROOT
from playwright.sync_api import Browser, Page, sync_playwright
from site_builds import COURSE, served
from visits import CHROMIUM, Visit

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

PAGES = [f"{page.parent.name}/{page.stem}/" for page in sorted(COURSE.glob("docs/*/*.md"))]

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


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all tests: it goes from address to address, and is made narrow where that is asked for."""
    with Visit(browser, "about:blank") as opened:
        yield opened


def show(page: Page, address: str, width: int) -> None:
    """Show a page with all that can be unfolded, as wide as asked; one that is there already is only resized."""
    if page.url != address:
        page.goto(address)
        page.evaluate(OPEN)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("dispatchEvent(new Event('resize'))")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", PAGES)
def test_formulas_stand_on_the_baseline_and_none_is_cut_without_a_sign(
    page: Page, course: str, path: str, width: int
) -> None:
    show(page, course + path, width)
    assert page.evaluate(BASELINES) == []
    assert page.evaluate(CUT) == []


def boxes(page: Page, address: str, solution: str, width: int) -> list[list[Any]]:
    """Return what a solution is made of, and how it lies in its block: [kind, left of 1, height in em, top in em]."""
    path, _, anchor = solution.partition("#")
    show(page, address + path, width)
    found: list[list[Any]] = page.evaluate(BOXES, anchor)
    return found


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_solution_lies_as_it_did(page: Page, course: str, solution: str, width: int) -> None:
    """Within what other fonts and another Chromium change."""
    found = boxes(page, course, solution, width)
    expected = json.loads(LAID_OUT.read_text(encoding="utf-8"))[f"{solution} {width}"]
    assert [x[0] for x in found] == [x[0] for x in expected]
    for (kind, left, height, top), (_, its_left, its_height, _) in zip(found, expected, strict=True):
        assert abs(left - its_left) < 0.12 or kind == "reason", (kind, top)  # a reason ends at the right
        assert abs(height - its_height) <= max(0.4 * its_height, 1.6), (kind, top)


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
        with Visit(browser, "about:blank") as page:
            found = {f"{x} {width}": boxes(page, address, x, width) for width in (1280, 360) for x in SOLUTIONS}
        browser.close()
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    LAID_OUT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
