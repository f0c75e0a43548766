"""Claims: the derivative equations that authors write by hand, found, read and judged."""
