"""Classes that are their fields, as dataclasses make them, without what importing and making those takes.

`dataclasses` imports `inspect`, and compiles up to six functions for each class, one by one: a sixth of the time of a
first answer. Here `__init__` alone is compiled; all else is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")
ABSENT: Any = object()
"""The default of a field that has none."""


class Declared(NamedTuple):
    """What `__init__` and equality do about a field."""

    default: Any = ABSENT
    default_factory: Callable[[], Any] | None = None
    init: bool = True
    compare: bool = True


def field(
    *,
    default: Any = ABSENT,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    compare: bool = True,
) -> Any:
    """Return a field whose default is made anew for each object, that is not given, or that equality leaves out."""
    return Declared(default, default_factory, init, compare)


@overload
def record(cls: type[T], /) -> type[T]: ...


@overload
def record(*, frozen: bool = True, eq: bool = True, slots: bool = True) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Any = None, /, *, frozen: bool = True, eq: bool = True, slots: bool = True) -> Any:
    """Return the class with an `__init__` that sets its annotated fields, those of its bases first.

    It does not change where it is `frozen`, equals another by its fields with `eq`, and has no others with `slots`.
    """

    def made(plain: type[Any]) -> type[Any]:
        written = dict(vars(plain))
        for name in ("__dict__", "__weakref__"):
            written.pop(name, None)
        declared = {name: written.pop(name, ABSENT) for name in written.get("__annotations__", ())}
        own = {name: x if isinstance(x, Declared) else Declared(x) for name, x in declared.items()}
        every = getattr(plain, "__record__", {}) | own
        body = {"__record__": every, **_methods(every, frozen=frozen, eq=eq), **written}
        if slots:
            body["__slots__"] = tuple(own)
        found: type[Any] = type(plain.__name__, plain.__bases__, body)
        found.__qualname__ = plain.__qualname__
        return found

    return made if cls is None else made(cls)


def is_record(x: object) -> bool:
    """Whether `x` is an object whose class is a record."""
    return hasattr(type(x), "__record__")


def field_names(x: Any) -> tuple[str, ...]:
    """Return the names of the fields of a record, in their order."""
    return tuple(x.__record__)


def as_dict(x: Any) -> dict[str, Any]:
    """Return the fields of a record by their names."""
    return {name: getattr(x, name) for name in field_names(x)}


def replace(x: T, **changes: Any) -> T:
    """Return a record with other values of some fields."""
    told: Mapping[str, Declared] = type(x).__record__  # type: ignore[attr-defined]
    return type(x)(**{name: getattr(x, name) for name, one in told.items() if one.init} | changes)


def _methods(told: Mapping[str, Declared], *, frozen: bool, eq: bool) -> dict[str, Any]:
    """Return the methods of a record with such fields."""
    found: dict[str, Any] = {"__init__": _init(told, frozen=frozen), "__repr__": _repr, "__reduce__": _reduced}
    if frozen:
        found |= {"__setattr__": _refuse, "__delattr__": _refuse}
    if eq:
        compared = attrgetter("__class__", *(name for name, one in told.items() if one.compare))

        def equals(self: Any, other: Any) -> bool:
            return other.__class__ is self.__class__ and bool(compared(self) == compared(other))

        def hashed(self: Any) -> int:
            return hash(compared(self))

        found |= {"__eq__": equals, "__hash__": hashed if frozen else None}
    return found


def _init(told: Mapping[str, Declared], *, frozen: bool) -> Any:
    """Return the `__init__` that sets the fields; compiled, since a loop over them would take three times as long."""
    known: dict[str, Any] = {"put": object.__setattr__, "ABSENT": ABSENT}
    given, lines = ["self"], []
    for name, one in told.items():
        value = name
        if one.default_factory is not None:
            known[f"make_{name}"] = one.default_factory
            value = f"make_{name}() if {name} is ABSENT else {name}"
        if one.init:
            has_default = one.default_factory is not None or one.default is not ABSENT
            given.append(f"{name}=default_{name}" if has_default else name)
        if one.init or one.default is not ABSENT:
            known[f"default_{name}"] = one.default
        value = value if one.init else f"default_{name}"
        lines.append(f" put(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    exec(f"def __init__({', '.join(given)}):\n" + "\n".join(lines), known)
    return known["__init__"]


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in field_names(self))
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _reduced(self: Any) -> tuple[Any, ...]:
    return type(self), tuple([getattr(self, name) for name, one in type(self).__record__.items() if one.init])


def _refuse(self: Any, name: str, *_: Any) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} does not change: {name}")
