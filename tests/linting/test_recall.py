"""A page that is read again after an edit: what the edit concerns is judged again, and nothing is judged otherwise."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.linting import finding
from mdderive.linting.recall import BOUNDS

PAGE = r"""# One

Let $L(w) = \|Xw-y\|^2$ with $X \in \mathbb{R}^{m\times n}$. Then $\nabla L(w) = 2X^T(Xw-y)$.

The matrix $A$ is symmetric, and $\nabla_x\, x^TAx = 2Ax$. Of $g(x) = a^Tx$ the gradient is $\nabla g(x) = a$.

# Two

Now $L(w) = w^Tw$, and $\nabla L(w) = 2w$, but $\frac{\partial}{\partial X}\operatorname{tr}(BX) = B^T$.

Its entries are $\frac{\partial}{\partial x_i}(x^Tx) = 2x_i$, and $\nabla_x\, x^TAx = Ax$ is false.
"""

EDITS = [
    ("Let $L(w) = \\|Xw-y\\|^2$", "Here we let $L(w) = \\|Xw-y\\|^2$"),
    ("Let $L(w) = \\|Xw-y\\|^2$", "Let $L(w) = \\|Xw+y\\|^2$"),
    ("is symmetric", "is not symmetric"),
    ("# Two", "Two"),
    ("# Two\n", "More text that moves what follows, and the sections stay as they are.\n\n# Two\n"),
    ("Now $L(w) = w^Tw$", "Now $M(w) = w^Tw$"),
    ("Now $L(w) = w^Tw$", "Now $L(w) = 3w^Tw$"),
    ("$g(x) = a^Tx$", "$g(x) = b^Tx$"),
    ("\\nabla_x\\, x^TAx = Ax", "\\nabla_x\\, x^TAx = (A+A^T)x"),
    ("# One", "# One\n\nThe letter $X$ is a scalar." + " Words." * 120),
    ("Let $L(w)", "Here $y = Xw$. Let $L(w)"),
    ("Its entries are", "For $i \\ne j$ its entries are"),
    ("Then $\\nabla L(w)", "Some words. Then $\\nabla L(w)"),
    ("Now $L(w) = w^Tw$, and", "And now"),
]


def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list into which every claim that is judged is written from now on."""
    asked: list[str] = []
    before = finding._judged_member

    def listen(member: finding.Member, *others: object) -> object:
        asked.append(member.latex)
        return before(member, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(finding, "_judged_member", listen)
    return asked


@pytest.mark.parametrize("edit", EDITS)
def test_the_verdicts_are_those_of_a_page_that_is_read_afresh(edit: tuple[str, str]) -> None:
    assert edit[0] in PAGE
    new = PAGE.replace(*edit)
    for before, after in ((PAGE, new), (new, PAGE)):
        mdderive.clear_caches()
        fresh = mdderive.claims(after)
        mdderive.clear_caches()
        mdderive.claims(before)
        assert mdderive.claims(after) == fresh
        assert mdderive.claims(after) == fresh


def test_the_same_after_many_edits() -> None:
    page = PAGE
    pages = [page := page.replace(*edit) for edit in EDITS]
    mdderive.clear_caches()
    warm = [mdderive.claims(x) for x in pages]
    for one, found in zip(pages, warm, strict=True):
        mdderive.clear_caches()
        assert mdderive.claims(one) == found


@pytest.mark.parametrize("bound", BOUNDS)
def test_what_moves_past_a_bound_is_judged_as_it_is_now(bound: int) -> None:
    """A definition, a size, and what is said of a letter count by their distance from the claim."""
    head = "Let $y = Xw$, where $X$ is symmetric, $w \\in \\mathbb{R}^n$.\n\n"
    claim = "So $\\nabla_w (y^Ty) = 2Xy$, and $\\nabla_y (y^Ty) = 2y$, and $\\nabla_w (w^TXw) = 2Xw$.\n"
    pages = [f"{head}{'.' * (bound + k)}\n\n{claim}" for k in range(-200, 60, 20)]
    mdderive.clear_caches()
    warm = [mdderive.claims(x) for x in (*pages, *reversed(pages))]
    for one, found in zip((*pages, *reversed(pages)), warm, strict=True):
        mdderive.clear_caches()
        assert mdderive.claims(one) == found


def test_only_what_an_edit_concerns_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    far = "Words that say nothing.\n\n" * 40
    page = "".join(f"{far}So $\\nabla_x ({k}a^Tx) = {k}a$ holds.\n\n" for k in range(2, 8))
    mdderive.clear_caches()
    mdderive.claims(page)
    asked = judged(monkeypatch)
    for old, new, again in (
        ("Words that say nothing.", "Words that say nothing at all.", []),
        ("(5a^Tx) = 5a", "(5a^Tx) = 6a", ["6a"]),
        ("(5a^Tx) = 5a$ holds", "(5a^Tx) = 5a$ always holds", []),
        ("(5a^Tx) = 5a$ holds", "(5a^Tx) = 5a$ holds for $i \\ne j$", ["5a"]),
    ):
        del asked[:]
        mdderive.claims(page.replace(old, new, 1))
        assert asked == again


def test_a_definition_far_above_concerns_who_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    far = "Words that say nothing.\n\n" * 40
    page = f"Let $h(x) = x^Tx$.\n\n{far}So $\\nabla h(x) = 2x$.\n\n{far}And $\\nabla_x (a^Tx) = a$.\n"
    mdderive.clear_caches()
    mdderive.claims(page)
    asked = judged(monkeypatch)
    verdicts = [x.verdict for x in mdderive.claims(page.replace("x^Tx$", "3x^Tx$"))]
    assert asked == ["2x"] and verdicts == ["false", "true"]


def test_a_definition_and_who_uses_it_are_told_from_what_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = "".join(f"Here $\\nabla h(x) = 2x$ for the time {k}.\n\n" for k in range(8))
    page = f"Let $h(x) = x^Tx$.\n\nWords that say nothing.\n\n{claims}"
    mdderive.clear_caches()
    before = mdderive.claims(page)
    asked = judged(monkeypatch)
    after = mdderive.claims(page.replace("Words", "Some more words"))
    assert asked == [] and [x.verdict for x in after] == [x.verdict for x in before] == ["true"] * 8
    assert all(x.sources == y.sources and x.start == y.start + 10 for x, y in zip(after, before, strict=True))
