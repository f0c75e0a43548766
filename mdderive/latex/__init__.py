"""LaTeX mathematics read to a tree that knows the place of every node."""
