"""How a solution ends: by what a second derivative is seen to be symmetric."""

import mdderive


def test_a_second_derivative_without_a_form_is_symmetric_all_the_same() -> None:
    """Its terms are turned into each other, yet no commutation matrix stands in it, which could be named."""
    found = mdderive.derive(r"\det X", "X", ["hessian"])
    assert "It is symmetric, as every second derivative is." in found.to_markdown("en")
