"""How solutions lie on the page: on one baseline, nothing cut without a sign, whatever the width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from site_builds import COURSE
from visits import CHROMIUM, Visit

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

PAGES = [f"{page.parent.name}/{page.stem}/" for page in sorted(COURSE.glob("docs/*/*.md"))]

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


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", PAGES)
def test_formulas_stand_on_the_baseline_and_none_is_cut_without_a_sign(
    browser: Browser, course: str, path: str, width: int
) -> None:
    with Visit(browser, course + path, width=width) as page:
        page.evaluate(OPEN)
        page.evaluate("dispatchEvent(new Event('resize'))")
        assert page.evaluate(BASELINES) == []
        assert page.evaluate(CUT) == []
