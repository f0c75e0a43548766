"""What a page costs: no more than its claims ask for, and nothing that only a search for garbage would take away."""

from __future__ import annotations

import gc
from unittest.mock import patch

import mdderive
from mdderive.documents.book import Chapter
from mdderive.effort import EFFORT
from mdderive.linting import derivatives, earlier, slips

VALUES = r"""
Let $v_t = c_t + \beta v_{t+1}$. Then $\frac{\partial v_t}{\partial c_t} = 1$,
not $\frac{\partial v_t}{\partial c_t} = 2$.
"""

ERRORS = r"""
$$
\delta^{(l)} = \frac{\partial e}{\partial s^{(l)}}, \qquad s^{(l)} = W^{(l)} x, \qquad
\delta^{(l)} = (W^{(l+1)})^\top \delta^{(l+1)}, \qquad \frac{\partial e}{\partial W^{(l)}} = \delta^{(l)} x^\top
$$
"""

UNFIT = r"""
Let $f(x) = \|Ax - b\|^2$. Then $\nabla_x f = 2A^\top(Ax-b)$, not $\nabla_x f = 2A(Ax-b)$, nor
$\frac{\partial f}{\partial x} = x + A$, and $\frac{\partial z}{\partial q} = 3$,
while $\frac{\partial x^T A x}{\partial x} = 2Ayx$.
"""


def test_what_is_defined_by_its_next_step_is_not_followed_for_ever() -> None:
    """What stands at the next step is a letter there; each claim took 180 definitions, and then all steps."""
    assert [x.verdict for x in mdderive.claims(VALUES)] == ["true", "false"]
    assert [x.verdict for x in mdderive.claims(ERRORS)] == ["true"]
    assert EFFORT.spent < 20_000


def test_readings_that_do_not_fit_go_at_once() -> None:
    """What was typed and the errors of it held each other, so that a third of the time was spent on such garbage."""
    mdderive.claims(UNFIT)  # what is imported and made for all claims
    mdderive.clear_caches()
    gc.collect()
    gc.disable()
    try:
        assert len(mdderive.claims(UNFIT)) == 5
        assert gc.collect() < 600
    finally:
        gc.enable()


def test_where_a_derivative_ends_is_not_asked_within_brackets() -> None:
    """Of thirty functions within each other every beginning was written out and read as a derivative."""
    f = "x"
    for _ in range(30):
        f = rf"\exp(\frac19 {f}-1)"
    page = rf"Let $g(x) = {f}$. Then $\frac{{\partial g}}{{\partial x}} = {f} {f}$."
    with patch.object(derivatives, "_derivative_of", wraps=derivatives._derivative_of) as read:
        assert [x.verdict for x in mdderive.claims(page)] == ["not judged"]
    assert read.call_count < 200


def test_a_long_book_is_not_read_from_its_beginning() -> None:
    """Of chapters that have the letter the last ones are read; a hundred were read anew for every claim."""
    book = [
        Chapter(f"{k}.md", f"Page {k} has $h$ and $q$.", "markdown", (), "", str(k))
        for k in range(3 * earlier.MOST_READ)
    ]
    with patch.object(earlier, "page_read", wraps=earlier.page_read) as read:
        assert earlier.EarlierPages(book).defined("h", 0) == []
    assert 0 < read.call_count <= earlier.MOST_READ


def test_reading_what_edits_make_of_a_long_derivative_is_counted() -> None:
    """Of a sum of a hundred terms eight hundred edits were read, which took ten seconds."""
    f = "+".join(f"{k}x^{{{k + 1}}}" for k in range(1, 101))
    claimed = "+".join(f"{k * (k + 1)}x^{{{k}}}" for k in range(1, 101)).replace("+6x^{2}", "+7x^{2}")
    with patch.object(slips, "letters_of", wraps=slips.letters_of) as read:
        assert [x.verdict for x in mdderive.claims(rf"$\frac{{d}}{{dx}}({f}) = {claimed}$")] == ["not judged"]
    assert read.call_count < 200
