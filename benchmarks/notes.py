"""Lecture notes of any size for the measurements: markers of a course on matrix calculus between paragraphs of text."""

from __future__ import annotations

from pathlib import Path

MARKERS = [
    r"\derive<a^T X b + c_{%d}><X>",
    r"\derive<\frac12\|Xw-y\|_2^2+\frac{\lambda_{%d}}2\|w\|_2^2><w>[solve]",
    r"\derive<-c_{%d} y^T\log\operatorname{softmax}(Wx)><W>[y: one-hot]",
    r"\derive<-y^T\log\operatorname{softmax}(W_2\sigma(W_1x)) + c_{%d}><W_1>[y: one-hot]",
    r"\derive<c_{%d}x^TAx><x>[A: symmetric]",
    r"\derive<\operatorname{tr}(AXBX^TC) + c_{%d}><X>",
    r"\derive<\frac{x^TAx}{x^Tx} + c_{%d}><x>",
    r"\derive<\log\det X + c_{%d}><X>",
    r"\derive<\sum_{i=1}^N (w^Tx_i-y_i)^2 + \lambda_{%d} w^T w><w>",
    r"\derive<\|WX+b\mathbf{1}^T-Y\|_F^2 + c_{%d}><W, b>",
]
PROSE = (
    "The gradient is what the method of steepest descent needs; where it vanishes, the function is stationary.\n"
    "Compare this with the scalar case, in which the derivative is a number and the order of factors is free.\n"
)


def write_notes(folder: Path, files: int, markers: int, distinct: int = 200) -> None:
    """Write `files` pages that have `markers` markers between them, of which `distinct` differ."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(files):
        own = range(k * markers // files, (k + 1) * markers // files)
        parts = [f"# Chapter {k}\n"]
        for n in own:
            n %= distinct
            parts += [PROSE, MARKERS[n % len(MARKERS)] % (n // len(MARKERS)) + "\n"]
        (folder / f"chapter{k:03}.md").write_text("\n".join([*parts, PROSE]), encoding="utf-8")
