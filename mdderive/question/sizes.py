"""Sizes: unknown numbers of rows and columns, their products, and what follows from two of them being equal."""

from __future__ import annotations

from collections.abc import Iterable

from ..algebra.expressions import ONE, Dimension

LETTERS = ("m", "n", "p", "q", "r", "s", "k", "l", "d", "t", "u", "v")
"""What sizes are called that the author gave no name."""


class Size:
    """An unknown number of rows or columns; `parent` once it is known to equal another, `parts` if it is a product."""

    __slots__ = ("name", "parent", "parts")

    def __init__(self, name: Dimension | None = None, parts: tuple[Size, Size] | None = None) -> None:
        self.name = name
        self.parent: Size | None = None
        self.parts = parts

    @property
    def root(self) -> Size:
        """The representative of all sizes known to be equal to this one."""
        size = self
        while size.parent is not None:
            if size.parent.parent is not None:
                size.parent = size.parent.parent  # halve the way for those who ask next
            size = size.parent
        return size

    @property
    def is_one(self) -> bool:
        """Whether this is the size 1."""
        size = self
        while size.parent is not None:
            size = size.parent
        return size is UNIT

    @property
    def is_free(self) -> bool:
        """Whether nothing is known of it, so that it may equal any size but 1."""
        return self.root.name is None and self.root.parts is None

    @property
    def prime(self) -> list[Size]:
        """The sizes of which this one is the product."""
        root = self.root
        return [root] if root.parts is None else [x for part in root.parts for x in part.prime]

    @property
    def dimension(self) -> Dimension:
        """The names of the sizes of which this is the product."""
        root = self.root
        if root.parts is not None:
            return tuple(sorted(name for part in root.parts for name in part.dimension))
        if root.name is None:
            root.name = ("n",)
        return root.name

    def __str__(self) -> str:
        """Return what a message calls it; "several" where it has no name yet."""
        names = [x.name for x in self.prime]
        return "several" if None in names else "*".join(name for part in names for name in part or ()) or "1"

    def contains(self, other: Size) -> bool:
        """Whether this is a product in which the representative `other` stands."""
        return any(part.root is other or part.contains(other) for part in self.root.parts or ())


UNIT = Size(ONE)


class SizeClashError(Exception):
    """Two sizes that must be equal cannot be; `known` is the pair where neither is 1, else None."""

    def __init__(self, known: tuple[Size, Size] | None, *, endless: bool = False) -> None:
        super().__init__()
        self.known, self.endless = known, endless


def times(a: Size, b: Size) -> Size:
    """Return the product of two sizes."""
    if a.is_one or b.is_one:
        return b if a.is_one else a
    return Size(parts=(a, b))


def joined_freely(a: Size, b: Size) -> bool:
    """Return whether two sizes, neither of which is 1, are equal or were made so, as nothing is known of one."""
    a, b = a.root, b.root
    if a is b:
        return True
    if a.parts is not None or b.parts is not None or UNIT in (a, b):
        return False
    if a.name is None:
        a.parent = b
    elif b.name is None:
        b.parent = a
    return a.name is None or b.name is None


def unify(a: Size, b: Size) -> None:
    """Make two sizes equal.

    Raises:
        SizeClashError: both are known and differ, or one is a product that contains the other.
    """
    a, b = a.root, b.root
    if a is b:
        return
    if a.contains(b) or b.contains(a):
        raise SizeClashError(None, endless=True)
    if a.parts is not None and b.parts is not None:
        for one, two in zip(a.parts, b.parts, strict=True):
            unify(one, two)
    elif a.is_free and b is not UNIT:
        a.parent = b
    elif b.is_free and a is not UNIT:
        b.parent = a
    else:
        raise SizeClashError(None if a is UNIT or b is UNIT else (a, b))


def name_sizes(sizes: Iterable[Size], taken: set[str]) -> None:
    """Give each unnamed size among the factors of `sizes` a letter that is not `taken`, in their order."""
    unnamed = list(dict.fromkeys(x for size in sizes for x in size.prime if x.name is None))
    free = [name for name in LETTERS if name not in taken]
    if len(unnamed) == 1 and "n" in free:
        free = ["n", *free]
    free += [f"n_{k}" for k in range(1, len(unnamed) + 1)]
    for size, name in zip(unnamed, free, strict=False):
        size.name = (name,)
