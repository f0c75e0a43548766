"""Visits to pages in headless Chromium."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.sync_api import Browser, Page
from site_builds import COURSE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = ["", *(f"{page.parent.name}/{page.stem}/" for page in sorted(COURSE.glob("docs/*/*.md")))]
"""The pages of the sample course that an author wrote."""

VISIBLE = """() => {
  const walker = document.createTreeWalker(document.querySelector('article, main'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const above = walker.currentNode.parentElement;
    if (!above.closest('pre, code, script, style')) found.push(walker.currentNode.data);
  }
  return found.join(' ');
}"""

FLAT = """() => {
  const flat = (within, hidden) => [...within.querySelectorAll('math')]
    .filter(x => !x.closest(hidden) && x.getBoundingClientRect().height < 3).length;
  let found = flat(document, 'details:not([open]), [popover]');
  for (const note of document.querySelectorAll('details[open] > [popover]')) {
    if (note.closest('details:not([open])')) continue;
    note.showPopover();
    found += flat(note, 'details:not([open])');
    note.hidePopover();
  }
  return found;
}"""
"""How many formulas are seen as nothing; a note that a sign opens is opened for it."""


class Visit:
    """A page that was opened, with what the console said and what was asked of whom."""

    def __init__(self, browser: Browser, address: str, width: int = 1280, dark: bool = False, **options: Any) -> None:
        scheme = "dark" if dark else "light"
        size: Any = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=size, color_scheme=scheme, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(90_000)  # milliseconds: on a busy machine an answer takes long
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.said.append(f"failed: {request.url}"))
        self.page.goto(address)

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.context.close()


def check_what_is_seen(page: Page) -> None:
    """Assert that no source of a formula is seen, no formula as nothing, and no mark of ours."""
    text = page.evaluate(VISIBLE)
    assert "$" not in text
    assert "\\" not in text
    assert "zmdderive" not in text
    assert page.locator("merror, .katex-error, .mdderive-unset").count() == 0
    assert page.evaluate(FLAT) == 0, "formulas without height"


def check_what_is_asked_and_seen(visit: Visit, root: str) -> None:
    """Assert that a page is seen whole, and that it asked nobody but its own site, and said nothing."""
    visit.page.wait_for_load_state("load")
    check_what_is_seen(visit.page)
    assert visit.said == []
    assert [x for x in visit.asked if not x.startswith((root, "data:", "blob:"))] == []
