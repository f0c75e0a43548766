"""Solutions written out: in prose, Markdown, LaTeX, plain text and Python source."""
