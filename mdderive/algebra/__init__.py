"""Expressions and all that is known of operators: nodes, the normal form, the table."""
