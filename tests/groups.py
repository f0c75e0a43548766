"""Which tests go to the same worker, as they share what takes long to make: a browser, jax, solutions of a family."""

from __future__ import annotations

BROWSER = ("site/test_site_browser.py", "site/test_site_layout.py", "site/test_playground_browser.py")
TOGETHER = ("render/test_exports.py", *BROWSER)
"""Files whose tests share what takes long to make, and so go to one worker: jax, a browser."""
BY_PARAMETER = ("solution/test_true_words.py",)
"""Files whose tests share it with those of the same parameter: solutions of a family."""


def group_of(test: str) -> str:
    """Return what the tests that go to the same worker as this have in common."""
    place, _, named = test.removeprefix("tests/").partition("::")
    if place in BY_PARAMETER:
        return f"{place} {named.partition('[')[2]}"
    return place if place in TOGETHER else test
