"""A page that is read again after an edit: what the edit concerns is judged again, and nothing is judged otherwise."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.linting import finding

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


def test_only_what_an_edit_concerns_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    far = "Words that say nothing.\n\n" * 40
    page = "".join(f"{far}So $\\nabla_x ({k}a^Tx) = {k}a$ holds.\n\n" for k in range(2, 8))
    mdderive.clear_caches()
    mdderive.claims(page)
    asked = judged(monkeypatch)
    for old, new, again in (
        ("Words that say nothing.", "Words that say nothing at all.", []),
        ("(5a^Tx) = 5a", "(5a^Tx) = 6a", ["6a"]),
        ("(5a^Tx) = 5a$ holds", "(5a^Tx) = 5a$ always holds", ["5a"]),
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
