"""How a solution ends: by what a second derivative is seen to be symmetric."""

import mdderive


def test_a_second_derivative_without_a_form_is_symmetric_all_the_same() -> None:
    """Its terms are turned into each other, yet no commutation matrix stands in it, which could be named."""
    found = mdderive.derive(r"\det X", "X", ["hessian"])
    assert "It is symmetric, as every second derivative is." in found.to_markdown("en")


def test_an_equation_in_a_sentence_is_a_line_that_is_counted() -> None:
    """`da = dW x`, which is substituted, has a check of its own: it is told among the lines, and its bound holds."""
    found = mdderive.derive(r"\tfrac12\|\sigma(a)-y\|^2", "W", ["a = Wx"])
    working = found.working
    sentences = [link.substituted for link in working.links if link.substituted is not None]
    assert [x.latex for x in sentences] == [r"\mathrm{d}a = \mathrm{d}W\thinspace x"]
    assert all(x.check in working.printed for x in sentences)
    steps = sum(len(link.steps) + len(link.results) for link in working.links) + len(working.rewriting)
    assert len(working.printed) == steps + len(sentences)
    assert f"{len(working.printed)} lines" in found.to_markdown("en")
