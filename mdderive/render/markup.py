"""The markups in which solutions stand in documents: what a format of documents names as its writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .blocks import Block
from .latex import inline_latex, write_latex
from .markdown import folded, inline_markdown, write_markdown


@dataclass(frozen=True, slots=True)
class Markup:
    """How a solution is written."""

    block: Callable[[Iterable[Block], str], str]
    """Return the blocks as text, within the LaTeX environment that is named."""
    inline: Callable[[str], str]
    """Return a formula for running text."""
    folded: Callable[[str, str], str]
    """Return a solution, in a language, that opens with a click; as it is where there is nothing to click on."""


MARKUPS: Mapping[str, Markup] = {
    "markdown": Markup(lambda blocks, environment: write_markdown(blocks), inline_markdown, folded),
    "latex": Markup(write_latex, inline_latex, lambda text, language: text),
}
