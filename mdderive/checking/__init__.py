"""Whether a printed line is true, found out with the values of the operators alone."""
