"""Source in numpy, and what other languages share with it: functions of the letters of f, self-contained and clear."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ...algebra.expressions import (
    ONE,
    Apply,
    Code,
    Dimension,
    Expr,
    Index,
    Number,
    Operator,
    Symbol,
    number,
    to_latex,
    walk,
)
from ...algebra.families import ranges_of
from ...algebra.index_conditions import is_condition, is_index, without_conditions
from ...algebra.operators.components import laid_out
from ...algebra.operators.entries import entry_row
from ...algebra.operators.entrywise import Function, named_function
from ...algebra.operators.structural import power_row
from ...algebra.operators.vector_functions import function_of, slopes_in
from ...algebra.powers import divisor
from ...algebra.terms import d, index_of, index_symbol, substitute
from ...errors import UnsupportedError
from ...latex.names import conjugate_of
from ...question.recursions import few
from ...question.values import gone_through
from ...solution.derivation import Second, Working
from .arguments import (
    ORDERS,
    RESERVED,
    argument_name,
    arguments,
    family_of,
    functions,
    is_known,
    local_name,
    range_of,
    values_in,
    with_members,
)
from .binding import ATOM, PRODUCT, SUM, argument_bindings, bare, binding_of
from .sharing import PartNames, bound_indices, shared_parts

_LOGISTIC = r"\sigma"
ONE_COLUMN = "a vector is an array of shape (n, 1)"
ONE_COLUMN_EACH = f"{ONE_COLUMN}, a family of N vectors one of shape (N, n, 1)"
JAX_ITSELF = "import jax"
_NUMPY = re.compile(r"\bnp\.")


def _of_entry(node: Apply, writer: ExpressionWriter) -> str:
    """Return the source of an entry."""
    places = ", ".join([*(writer.at(x) for x in node.arguments[1:]), writer.at(number(1))][:2])
    return f"{writer.write(node.arguments[0], ATOM)}[{places}]"


def _of_function(node: Apply, writer: ExpressionWriter) -> str:
    """Return what a function that has a name makes of every entry; one without a definition is passed as a callable."""
    function = node.parameters[0]
    assert isinstance(function, Function)
    argument = writer.write(node.arguments[0])
    if function.definition is None:
        return writer.called(argument_name(function.latex) + ORDERS[function.order], argument)
    inner = type(writer)(writer.working, writer.given)
    inner.names[function.definition.argument] = writer.letter
    body = inner.write(function.definition.derivative(function.order))
    writer.helpers.update(inner.helpers)
    return writer.called(writer.anonymous(body), argument)


def _of_slopes(node: Apply, writer: ExpressionWriter) -> tuple[str, int]:
    """Return what is made of the partial derivatives or the Hessians of a function, which are passed as a callable."""
    function, (x, other) = slopes_in(node), node.arguments
    assert function is not None
    slopes = f"{argument_name(function.latex)}{function.derivatives(x)[-1]}({writer.write(x)})"
    template = writer.code(node.operator).template
    return template.format(slopes, writer.write(other)), binding_of(template)


def plain_number(node: Number, binding: int) -> str:
    """Return a number as source, in parentheses where it binds less tightly than `binding`."""
    value = node.value
    text = str(value) if value.denominator == 1 else f"{value.numerator} / {value.denominator}"
    loose = value < 0 or value.denominator != 1
    return f"({text})" if loose and binding > SUM else text


class ExpressionWriter:
    """Writes expressions as source; `given` names the arrays that hold the letters.

    Languages differ in `times` for matrices and `entrywise` for entries, and in the `letter` of an anonymous function;
    where they are `like_numpy`, what an operator has no source of its own for is written with the functions of numpy.
    """

    language, module = "numpy", "np"
    times, entrywise, letter = "@", "*", "_a"
    like_numpy = True
    fraction = staticmethod(plain_number)

    def __init__(self, working: Working, given: Mapping[str, str], *, from_right: bool = False) -> None:
        self.working = working
        self.given = given
        self.from_right = from_right
        self.names: dict[Expr, str] = {}
        self.used_sizes: dict[str, str] = {}
        self.counted_from: dict[str, int] = {}
        self.helpers: dict[str, None] = {}
        q = working.question
        self.arrays = {family_of(q.symbols[x]): name for x, name in given.items() if x in q.symbols}
        for symbol in q.symbols.values():
            base = q.symbols.get(conjugate_of(symbol.latex), symbol)
            if family_of(base) in self.arrays:
                text = self.member(base, self.arrays[family_of(base)])
                text = self.conjugated(text) if conjugate_of(symbol.latex) else text
                self.names[symbol] = self.names[symbol.at_rest] = text

    def member(self, symbol: Symbol, array: str) -> str:
        """Return a letter; of a family its member."""
        return array + "".join(f"[{argument_name(name)}]" for name in symbol.index)

    def conjugated(self, text: str) -> str:
        """Return the source of the conjugate of a letter."""
        return f"{self.module}.conj({text})"

    def code(self, operator: Operator) -> Code:
        """Return the source of an operator.

        Raises:
            UnsupportedError: it has none in this language.
        """
        own: Code | None = None if self.language == "numpy" else getattr(operator, self.language)
        if not self.like_numpy:
            if own is None:
                raise self.unwritten(operator)
            return own
        own = own or Code(operator.numpy, operator.helper)
        return Code(*(_NUMPY.sub(f"{self.module}.", x) for x in own))

    def unwritten(self, operator: Operator) -> UnsupportedError:
        """Return the error that an operator has no source in this language."""
        return UnsupportedError("E320", f"the {operator.name} cannot be written in {self.language.title()} here")

    def dimension(self, dimension: Dimension) -> str:
        """Return a size as source."""
        return " * ".join(self._size(name) for name in dimension) or "1"

    def _size(self, name: str) -> str:
        if name.isdigit():
            return name
        if name in self.given and not is_known(name, self.working, self.arrays):
            return self.given[name]
        python = "size_" + argument_name(name)
        if python not in self.used_sizes:
            self.used_sizes[python] = self._source_of_size(name)
        return python

    def _source_of_size(self, name: str) -> str:
        for symbol in self.working.question.symbols.values():
            array = self.arrays.get(family_of(symbol))
            if array is None:
                continue
            for axis, dimension in enumerate(symbol.shape):
                if dimension == (name,):
                    return self.length_of(array, axis - 2, len(symbol.index) + 2)
        for value in values_in(self.working):
            for node in walk(value):
                index = node.parameters[0] if isinstance(node, Apply) and node.operator.binds_index else None
                if isinstance(index, Index) and index.upper == name and (length := self._length_if_known(index, node)):
                    return length
        raise UnsupportedError("E320", f"the size {name} cannot be found from the arguments")

    def _length(self, index: Index, node: Expr) -> str:
        if length := self._length_if_known(index, node):
            return length
        raise UnsupportedError("E320", f"the range of {index.name} cannot be found from the arguments")

    def _length_if_known(self, index: Index, node: Expr) -> str:
        """Return the source of the last index of a sum, "" where none of the arrays tells it."""
        for member in sorted((x for x in walk(node) if isinstance(x, Symbol)), key=lambda x: x.latex):
            if index.name in member.index and family_of(member) in self.arrays:
                axis = member.index.index(index.name)
                length = self.length_of(self.arrays[family_of(member)], axis, len(member.index) + 2)
                return f"{length} - 1" if index.lower == "0" else length
        return ""

    def length_of(self, array: str, axis: int, axes: int) -> str:
        """Return the length of an axis, counted from the end where negative, of an array with so many axes."""
        return f"{array}.shape[{axis}]"

    def makes_array(self, value: Expr) -> bool:
        """Whether the source of `value` yields an array rather than a number."""
        if isinstance(value, Number):
            return False
        if isinstance(value, Symbol):
            return (
                not value.is_scalar or value in self.working.chain or value in dict(self.working.question.definitions)
            )
        return True

    def write(self, node: Expr, binding: int = 0) -> str:
        """Return the source of `node`, in parentheses where it binds less tightly than `binding`."""
        if isinstance(node, Number):
            return self.fraction(node, binding)
        if node in self.names:
            return self.names[node]
        if isinstance(node, Symbol) and node.index and family_of(node) in self.arrays:
            return self.member(node, self.arrays[family_of(node)])
        if isinstance(node, Symbol):
            return self._size(node.latex)
        assert isinstance(node, Apply)
        text, own = self._apply(node)
        return f"({text})" if own < binding else text

    def _apply(self, node: Apply) -> tuple[str, int]:
        operator = node.operator
        if not operator.numpy:
            raise self.unwritten(operator)
        if operator.binds_index:
            total, index = self._over(node), index_of(node)
            return (f"{total} / {self._length(index, node)}", PRODUCT) if index.mean else (total, ATOM)
        if operator is named_function:
            return _of_function(node, self), ATOM
        if (whole := function_of(node)) is not None:
            ending = whole.derivatives(node.arguments[0])[whole.order]
            return f"{argument_name(whole.latex)}{ending}({self.write(node.arguments[0])})", ATOM
        if slopes_in(node) is not None:
            return _of_slopes(node, self)
        if operator is entry_row:
            return _of_entry(node, self), ATOM
        if is_condition(node) and all(is_index(x) for x in node.arguments):
            return self.code(operator).template.format(*map(self.at, node.arguments)), ATOM
        if (below := divisor(node, power_row)) is not None:
            return f"1 / {self.write(below, PRODUCT + 1)}", PRODUCT
        if operator.numpy in ("+", "@", "*"):
            return self._joined(node, operator.numpy)
        code = self.code(operator)
        if code.helper:
            self.helpers[code.helper] = None
        if code.is_laid_out:
            return code.template.format(**laid_out([*map(self.write, node.arguments)], node)), ATOM
        if not node.arguments:
            sizes = [self.dimension(x) for x in node.shape]
            words = [self.dimension(x) if isinstance(x, tuple) else x for x in node.parameters]
            return code.template.format(*sizes, *words), ATOM
        bindings = argument_bindings(code.template, len(node.arguments))
        written = [self.argument(x, binding, code) for x, binding in zip(node.arguments, bindings, strict=True)]
        if operator.result is not None and f"{{{len(written)}}}" in code.template:
            written += [self.dimension(x) for x in node.shape]
        return code.template.format(*written), binding_of(code.template)

    def argument(self, x: Expr, binding: int, code: Code) -> str:
        """Return the source of an argument of an operator."""
        return self.write(x, binding)

    def _joined(self, node: Apply, sign: str) -> tuple[str, int]:
        if sign == "+":
            text = self.write(node.arguments[0], SUM)
            for x in node.arguments[1:]:
                term = self.write(x, SUM)
                text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
            return text, SUM
        if sign == "*":
            return f" {self.entrywise} ".join(self.write(x, PRODUCT + 1) for x in node.arguments), PRODUCT
        return self._product(node)

    def _product(self, node: Apply) -> tuple[str, int]:
        """Return numbers and scalars by *, the chain of matrices by @, and what divides behind a /."""
        first = node.arguments[0]
        sign = "-" if isinstance(first, Number) and first.value < 0 else ""
        lead = Number(-first.value) if sign and isinstance(first, Number) else first
        scalars = [x for x in (lead, *node.arguments[1:]) if x.is_scalar and not (sign and x is number(1))]
        divisors = [(x, divisor(x, power_row)) for x in scalars]
        below = [y for _, y in divisors if y is not None]
        above = [self.write(x, PRODUCT + 1) for x, y in divisors if y is None]
        chain = [self.write(x, PRODUCT + 1) for x in node.arguments if not x.is_scalar]
        if chain:
            above.append(self.chain(node, chain, among_others=bool(scalars)))
        text = " / ".join([" * ".join(above) or "1", *(self.write(x, PRODUCT + 1) for x in below)])
        return sign + text, SUM if sign else PRODUCT

    def chain(self, node: Apply, factors: Sequence[str], *, among_others: bool) -> str:
        """Return a product of matrices, multiplied from the right where that keeps everything a vector."""
        if len(factors) == 1:
            return factors[0]
        if self.from_right and node.shape[1] == ONE and not node.is_scalar:
            front = f" {self.times} (".join(factors[:-1])
            text = f"{front} {self.times} {factors[-1]}" + ")" * (len(factors) - 2)
        else:
            text = f" {self.times} ".join(factors)
        return f"({text})" if among_others else text

    def _over(self, node: Apply) -> str:
        index = index_of(node)
        name = argument_name(index.name)
        if index.extent is not None:
            self.names[index_symbol(index.name)] = name
            return self.summed_exponents(node.arguments[0], name, self.write(index.extent))
        length = self._size(index.upper) if index.upper else self._length(index, node)
        first, start = range_of(index, node, self.counted_from)
        self.names[index_symbol(index.name)] = self.place(name, first)
        body, where = without_conditions(node.arguments[0], index.name)
        terms = self.each(body, name, start, length if first else f"{length} + 1", where)
        return self.code(node.operator).template.format(terms)

    def place(self, name: str, first: int) -> str:
        """Return the value of an index, of which the first member of an array has the value `first`."""
        return f"({name} + 1)" if first else name

    def at(self, place: Expr) -> str:
        """Return a place in an array, a number or the index of a sum."""
        return f"{place.value - 1}" if isinstance(place, Number) else argument_name(str(place))

    def summed_exponents(self, body: Expr, name: str, count: str) -> str:
        """Return a sum over an exponent 0, 1, ..., one less than `count`."""
        return f"sum({self.write(body)} for {name} in range({count}))"

    def each(self, body: Expr, name: str, start: int, end: str, where: Sequence[Expr]) -> str:
        """Return the values at the members from `start`, counted from 0, to `end`, for which `where` holds."""
        end = f"int({end})" if end in self.given.values() else end  # a number of terms may be given as a float
        head = f"for {name} in range({end if start == 0 else f'{start}, {end}'})"
        return " ".join([self.write(body), head, *(f"if {bare(self.write(x))}" for x in where)])

    def called(self, function: str, argument: str) -> str:
        """Return a function applied to every entry of its argument."""
        return f"{function}({argument})"

    def anonymous(self, body: str) -> str:
        """Return the function whose value at `letter` is `body`."""
        return f"(lambda {self.letter}: {body})"


def _said(working: Working) -> list[str]:
    """Return what was read, f and the shapes of its letters, as comments; in words of no language."""
    q = working.question
    shapes = ((latex, ["*".join(size) or "1" for size in x.shape]) for latex, x in q.symbols.items())
    letters = ", ".join(f"{latex}: {' x '.join(size)}" for latex, size in shapes)
    return [f"# {q.name} = {to_latex(q.f)}", f"# {letters}"]


def _not_of_axes(names: Sequence[str], count: int) -> str:
    """Return as source that an array has not so many axes; a plain number stands for every entry."""
    if len(names) == 1:
        return f'getattr({names[0]}, "ndim", {count}) != {count}'
    return f'any(getattr(array, "ndim", {count}) != {count} for array in ({", ".join(names)}))'


class Writer(ExpressionWriter):
    """Writes functions as source in numpy, and so nearly in jax and torch; `language` is how messages call it."""

    header: tuple[str, ...] = ("import numpy as np",)

    @classmethod
    def module_source(cls, working: Working, variables: Sequence[Symbol]) -> str:
        """Return the source of the functions for what is asked for, with what they need before them."""
        if working.question.recursion is not None:
            hint = few(working.question.recursion.time.upper)
            raise UnsupportedError("E320", "a recursion of an unknown number of steps is not exported", hint=hint)
        helpers: dict[str, None] = {}
        blocks: list[str] = []
        for variable in variables:
            ending = f"_{argument_name(variable.latex)}" if len(variables) > 1 else ""
            second = working.seconds.get(variable)
            if second is None:
                tied = working.structured.get(variable)
                value = working.gradients[variable].value if tied is None else tied.value
                blocks.append(cls._function(f"gradient{ending}", working, value, helpers, of=variable))
            else:
                blocks += cls._functions_of_second(ending, working, second, helpers)
            zero = working.stationary.get(variable)
            if zero is not None:
                blocks.append(cls._function(f"solution{ending}", working, zero.solution, helpers))
        header = [line for line in cls.header if line != JAX_ITSELF or any("jax." in x for x in (*helpers, *blocks))]
        return cls.joined("\n".join([*_said(working), *header]) + "\n", helpers, blocks)

    @classmethod
    def joined(cls, header: str, helpers: Iterable[str], blocks: Iterable[str]) -> str:
        """Return the parts of a module with the blank lines that the language has between them."""
        return "\n\n".join([header, *(f"{x.strip()}\n" for x in helpers), *blocks])

    @classmethod
    def _functions_of_second(cls, ending: str, working: Working, second: Second, helpers: dict[str, None]) -> list[str]:
        """Return the Hessian, its product with a direction, made without it, and the Hessian under its other name."""
        direction = Symbol(r"\text{direction}", second.of.shape)
        moved = {d(x): direction for x in (second.of, second.of.at_rest)}
        product = substitute(second.along, moved)
        names = f"hessian{ending}", f"hessian_vector_product{ending}"
        along = cls._function(names[1], working, product, helpers, direction)
        again = f"gradient{ending} = {names[0]}  # the derivative that is asked for\n"
        return [cls._function(names[0], working, second.value, helpers), along, again]

    @classmethod
    def _function(
        cls,
        name: str,
        working: Working,
        value: Expr,
        helpers: dict[str, None],
        direction: Symbol | None = None,
        of: Symbol | None = None,
    ) -> str:
        callables = functions(working)
        given = arguments(working)
        value = with_members(value, working)
        writer = cls(working, given, from_right=direction is not None)
        if direction is not None:
            writer.names[direction] = "direction"
        body = writer.definitions(value)
        one = of.index if of is not None and of not in working.question.f.symbols else ()  # the author's own indices
        result = writer.result(value) if of is None or not of.index or one else writer.of_members(value, of)
        words = [*given.values(), *(x for pair in callables.values() for x in writer.parameters(pair, callables))]
        helpers.update(writer.helpers)
        words += map(argument_name, one)
        lines = [*(writer.counted(argument_name(x)) for x in one), *writer.sizes(), *body]
        lines = [*writer.guard(direction), *writer.prelude([*lines, result]), *lines]
        return writer.whole(name, words, lines, result, direction is not None)

    def whole(self, name: str, words: Sequence[str], lines: Sequence[str], result: str, along: bool) -> str:
        """Return a function with these parameters, lines and result."""
        first = "direction, *, " if along else "*, "
        inner = "\n".join(f"    {line}" for line in [*lines, f"return {result}"])
        return f"def {name}({first}{', '.join(words)}):\n{inner}\n"

    def guard(self, direction: Symbol | None) -> list[str]:
        """Return what refuses arrays without an axis for rows and one for columns, which would mean something else."""
        known = self.working.question.symbols
        given = [(name, known[latex]) for latex, name in self.given.items() if latex in known]
        given += [("direction", direction)] if direction is not None else []
        axes: dict[int, list[str]] = {}
        for name, x in given:
            if not x.is_scalar:
                axes.setdefault(len(x.index) + 2, []).append(name)
        if not axes:
            return []
        wrong = " or ".join(_not_of_axes(names, count) for count, names in sorted(axes.items()))
        return [f"if {wrong}:", f'    raise ValueError("{ONE_COLUMN if max(axes) == 2 else ONE_COLUMN_EACH}")']

    def prelude(self, lines: Sequence[str]) -> list[str]:
        """Return what stands before `lines`, as far as they need it."""
        return []

    def result(self, value: Expr) -> str:
        """Return the source of a result: a number where it is 1 x 1, else an array of the full shape."""
        text = self.write(value)
        if value.shape == (ONE, ONE):
            return self.number(text) if self.makes_array(value) else text
        if not self.makes_array(value):
            rows, columns = (self.dimension(x) for x in value.shape)
            return f"{self.module}.broadcast_to({text}, ({rows}, {columns}))"
        return text

    def of_members(self, value: Expr, member: Symbol) -> str:
        """Return the source of the values at all members of a family, stacked as the family is.

        Raises:
            UnsupportedError: the sums leave out the first members.
        """
        ranges = ranges_of(values_in(self.working), [member])
        ends = []
        for k, name in enumerate(member.index):
            first, start = range_of(ranges[name], member, self.counted_from)
            if start:
                raise UnsupportedError("E320", f"the sums leave out the first members of {member.family}")
            self.names[index_symbol(name)] = self.place(argument_name(name), first)
            ends.append(self.length_of(self.arrays[family_of(member)], k, len(member.index) + 2))
        text = self.result(value)
        for name, end in reversed(list(zip(member.index, ends, strict=True))):
            text = self.stacked(text, argument_name(name), end)
        return text

    def counted(self, name: str) -> str:
        """Return the line that makes an index, counted from 1, a place in an array."""
        return f"{name} = {name} - 1"

    def stacked(self, text: str, name: str, end: str) -> str:
        """Return the array of the values of `text` at all values of an index."""
        return f"{self.module}.stack([{text} for {name} in range({end})])"

    def number(self, text: str) -> str:
        """Return the source of the number in an array of one entry."""
        return f"{self.module}.squeeze({text}).item()"

    def parameters(self, names: Sequence[str], callables: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Return the parameters of a function; an undefined sigma is the logistic function unless another is passed."""
        if names != callables.get(_LOGISTIC):
            return list(names)
        exp = f"{self.module}.exp(-a)"
        defaults = (
            f"lambda a: 1 / (1 + {exp})",
            f"lambda a: {exp} / (1 + {exp}) ** 2",
            f"lambda a: ({exp} - 1) * {exp} / (1 + {exp}) ** 3",
            f"lambda a: ({exp} ** 2 - 4 * {exp} + 1) * {exp} / (1 + {exp}) ** 4",
        )
        return [f"{name}={default}" for name, default in zip(names, defaults, strict=False)]

    def definitions(self, value: Expr) -> list[str]:
        """Return the assignments of what has a name and is needed for `value`, and of the parts that they share."""
        named = self._needed(value)
        shared = shared_parts([*named.values(), value])
        taken = {*self.given.values(), *(x for names in functions(self.working).values() for x in names), *RESERVED}
        taken |= {argument_name(name) for x in (*named.values(), value) for name in bound_indices(x)}
        names: dict[Symbol, str] = {}
        for symbol in named:
            name = local_name(symbol, self.working)
            while name in taken:
                name += "_"
            taken.add(name)
            names[symbol] = name
        parts = PartNames(taken)
        lines: list[str] = []
        for symbol, body in named.items():
            lines += self._assigned(parts, shared, body, names[symbol])
            lines.append(f"{names[symbol]} = {self.write(body)}")
            self.names[body] = self.names[symbol] = self.names[symbol.at_rest] = names[symbol]
        return lines + self._assigned(parts, shared, value, "")

    def _needed(self, value: Expr) -> dict[Symbol, Expr]:
        """Return what has a name and is needed for `value`, in the order in which it is computed."""
        named = [*self.working.question.whole_values, *self.working.chain.items()]
        needed = gone_through(value.symbols, named)
        return {symbol: body for symbol, body in named if symbol in needed or symbol.at_rest in needed}

    def _assigned(self, parts: PartNames, shared: Collection[Expr], body: Expr, name: str) -> list[str]:
        """Return the assignments of the shared parts that `body`, which gets the name, is the first to need."""
        lines: list[str] = []
        for part in walk(body):
            if part in shared and part is not body and part not in self.names:
                text = bare(self.write(part))
                self.names[part] = parts.name(part, body, name, self.names)
                lines.append(f"{self.names[part]} = {text}")
        return lines

    def sizes(self) -> list[str]:
        """Return the assignments of the sizes that were used."""
        return [f"{name} = {source}" for name, source in sorted(self.used_sizes.items())]


class MatrixWriter(Writer):
    """Writes for languages in which all that is no number has rows and columns: Julia, SymPy."""

    like_numpy = False

    def guard(self, direction: Symbol | None) -> list[str]:
        """Return nothing: no vector has a shape of its own."""
        return []

    def number(self, text: str) -> str:
        """Return the source of a number as it is."""
        return text

    def makes_array(self, value: Expr) -> bool:
        """Whether the source of `value` yields a matrix rather than a number."""
        return not value.is_scalar
