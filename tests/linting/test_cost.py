"""What a page costs: no more than its claims ask for, and nothing that only a search for garbage would take away."""

from __future__ import annotations

import gc
from unittest.mock import patch

import mdderive
from mdderive.documents.book import Chapter
from mdderive.effort import EFFORT
from mdderive.latex.tree import MacroDefinition
from mdderive.linting import derivatives, earlier, finding, page_reading, slips, statements, surroundings

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


def test_a_page_of_a_book_is_read_once() -> None:
    """Read for its claims, it was read again for those of the next; its prose was, of whose letters nobody asks."""
    first = r"Let $f(x) = a^\top x$ for a vector $a$. Then $\frac{\partial f}{\partial x} = a$."
    second = r"Here $\frac{\partial f}{\partial x} = a$ as before."
    mdderive.clear_caches()
    with (
        patch.object(page_reading, "surroundings", wraps=page_reading.surroundings) as read,
        patch.object(surroundings, "_marked", wraps=surroundings._marked) as prose,
    ):
        assert [x.verdict for x in mdderive.claims(first)] == ["true"]
        book = [Chapter("1.md", first, "markdown", (), "", "1")]
        assert [x.verdict for x in finding.claims(second, before=book)] == ["true"]
        around = page_reading.page_read(r"We call $z$ a $x = y$ vector.", "markdown", (), any_page=True)
    assert read.call_count == 3 and prose.call_count == 2 and around is not None


def test_what_is_no_letter_to_the_eye_is_not_read_as_one() -> None:
    """Six of ten formulas that were read to see whether they are a letter begin or go on as none does."""
    surroundings.tree_of.cache_clear()  # type: ignore[attr-defined]
    with patch.object(surroundings, "parse", wraps=surroundings.parse) as read:
        assert not any(map(surroundings.symbol_of, (r"\frac{a}{b}", "Xw", r"\sum_i x_i", "x^TAx", "-3", "x_i + y")))
        assert read.call_count == 0
        assert surroundings.symbol_of(r"\hat{x}_{i+1}^T") == "" and surroundings.symbol_of(r"\Delta_{t}") == r"\Delta_t"
    assert read.call_count == 2


def test_the_macros_of_a_page_take_part_where_they_stand() -> None:
    """With any macro on a page every formula was taken apart anew, and looked through for each of them."""
    first, second = ({r"\bx": MacroDefinition(body)} for body in (r"\mathbf{x}", "z"))
    mdderive.clear_caches()
    for macros in (first, second):
        assert [x.latex for x in statements.statements("y = a", macros)[0].members] == ["y", "a"]
    assert statements._statements.cache_info().misses == 1  # type: ignore[attr-defined]
    assert [statements.statements(r"y = \bx", x)[0].members[1].latex for x in (first, second)] == [r"\mathbf{x}", "z"]


def test_no_garbage_is_looked_for_while_a_page_is_read() -> None:
    """There is none, but a fifth of the time was spent on looking."""
    seen: list[bool] = []
    with patch.object(finding, "page_read", side_effect=lambda *given: seen.append(gc.isenabled())):
        assert finding.claims("") == []
    assert seen == [False] and gc.isenabled()
