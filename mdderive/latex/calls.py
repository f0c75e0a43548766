r"""Functions with their arguments: `\log(x)`, `\det{A}`, `\exp -x`, `\operatorname{tr} AB`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .refusals import refuse_subscript
from .scripts import raised
from .sums import INDICES, over_index
from .tokens import Token, written
from .tree import Syntax
from .vocabulary import FUNCTIONS_OF_A_KIND, LOGARITHMS

if TYPE_CHECKING:
    from .grammar import Parser


def call(parser: Parser) -> Syntax:
    """Return a function with its argument; where it has parentheses, its scripts may stand before or behind."""
    token = _with_gamma(parser, parser.take())
    below, primes, above = parser.scripts()
    if below is not None and _is_over_index(token, below) and not primes and above is None:
        return over_index(parser, token._replace(text=f"\\{token.letter}"), below, above)
    if below is not None:
        return (
            _to_base(parser, token, below)
            if _is_base(token, below, above, primes)
            else refuse_subscript(token, below, parser.reading)
        )
    if primes and above is None and parser.at_parenthesis(parser.at):
        return _derived(parser, token, primes)
    name = parser.reading.spellings.functions[token.text]
    greedy = name in parser.reading.spellings.greedy
    if primes:
        message = f"the derivative of {token.letter} has no argument"
        parser.reading.fail("E126", message, token.start, primes[-1].end, "put it in parentheses")
    with parser.reading.nested(token.start, token.end):
        group, arguments = _arguments(parser, token, name, greedy)
    found = parser.reading.node("call", arguments, token.start, parser.last_end(), text=name)
    if above is not None:
        _check_inverse(parser, token, above, greedy)
        found = raised(found, above, parser.reading, parser.exponent).but(span=found.span)
    return found if group is None else _behind_parentheses(parser, found, group, greedy and above is None)


def _is_over_index(token: Token, below: Token) -> bool:
    r"""Whether this is a maximum over an index, `\max_i`, `\max_{1\le i\le m}`, and not one over a letter, `\max_w`."""
    letters = [x.text for x in below.parts[0] if x.kind == "symbol"]
    return token.letter in ("max", "min") and bool(letters) and letters[0] in (*INDICES, "n", "m")


def _is_base(token: Token, below: Token, above: Token | None, primes: Sequence[Token]) -> bool:
    r"""Whether a subscript is the base of a logarithm, a number or a letter: `\log_2 x`, `\log_b(x)`."""
    kinds = [x.kind for x in below.parts[0]]
    return token.letter.lstrip("\\") in LOGARITHMS and kinds in (["number"], ["symbol"]) and not (above or primes)


def _to_base(parser: Parser, token: Token, below: Token) -> Syntax:
    r"""Return `\frac{\log x}{\log 2}` for `\log_2 x`; behind the parentheses stands no power.

    Raises:
        ParseError: one does.
    """
    parser.tokens = [*parser.tokens[: parser.at], token, *parser.tokens[parser.at :]]
    found = call(parser)
    if found.head != "call":
        refuse_subscript(token, below, parser.reading)
    if written(below.parts[0]) == "e":
        return found
    base = parser.part(below.parts[0], below.start, below.end).whole()
    divisor = found.but(arguments=(base,), span=base.span)
    return parser.reading.node("fraction", (found, divisor), token.start, found.span.end)


def _with_gamma(parser: Parser, token: Token) -> Token:
    r"""Return `\log\Gamma` before a parenthesis as one function, where the letter is not that of another one."""
    follows = parser.peek()
    joint = r"\log\Gamma"
    spellings = parser.reading.spellings
    logarithm = token.text.lstrip("\\") in LOGARITHMS and joint in spellings.functions
    logarithm = logarithm and r"\Gamma" not in spellings.letters
    if follows is None or not logarithm or follows.text != r"\Gamma" or not parser.at_parenthesis(parser.at + 1):
        return token
    parser.take()
    return token._replace(text=joint, end=follows.end)


def _derived(parser: Parser, token: Token, primes: Sequence[Token]) -> Syntax:
    r"""Return the derivative of a known function, `\tanh'` of `\tanh'(x)`, as the letter of a function."""
    text = token.text if token.text.startswith("\\") else f"\\operatorname{{{token.text}}}"
    letter = parser.reading.node("symbol", (), token.start, token.end, text=text, base=text)
    for prime in primes:
        letter = parser.reading.node("prime", (letter,), token.start, prime.end)
    return letter


def _check_inverse(parser: Parser, token: Token, above: Token, greedy: bool) -> None:
    if written(above.parts[0]) == "-1" and not greedy:
        message = f"{token.letter}^{{-1}} may be the inverse function or the reciprocal"
        parser.reading.fail("E125", message, token.start, above.end, "write the reciprocal as (...)^{-1}")


def _arguments(parser: Parser, token: Token, name: str, greedy: bool) -> tuple[Syntax | None, tuple[Syntax, ...]]:
    """Return the parenthesised argument as a group, None without parentheses, and the arguments themselves."""
    follows = parser.peek()
    if follows is not None and follows.kind == "argument":
        return None, (_braced_argument(parser, greedy),)
    if follows is None or follows.kind != "delimited" or follows.text not in ("(", "[", "{"):
        if not parser.at_operand():
            message = f"{token.letter} has no argument"
            parser.reading.fail("E126", message, token.start, token.end, "put it in parentheses")
        return None, (_greedy_argument(parser, name) if greedy else _bare_argument(parser, token.text),)
    group = parser.delimited(parser.take())
    return group, group.arguments


def _braced_argument(parser: Parser, greedy: bool) -> Syntax:
    r"""Return the argument in invisible braces, where a reader sees the same: `\exp{-x}` and not `\det{A}B`."""
    token = parser.take()
    inner = parser.within(token)
    several = inner.head in ("product", "negate", "slash")
    joins = inner.head in ("add", *(head for head, _ in parser.reading.spellings.infix.values()))
    if joins or parser.at_script() or (parser.at_operand() and (several or greedy)):
        message = "these braces do not show, so a reader sees another argument"
        parser.reading.fail("E133", message, token.start, token.end, "write parentheses")
    return inner


def _behind_parentheses(parser: Parser, call: Syntax, group: Syntax, greedy: bool) -> Syntax:
    """Return `call` with the scripts behind its parentheses; a power of `det(A)`, `log(1+x)` may be meant of either."""
    scripted = parser.scripted(call)
    doubtful = call.text in parser.reading.spellings.splitting and group.ungrouped.head != "symbol"
    if (greedy or doubtful) and scripted.head == "power" and scripted.arguments[0].head == "call":
        return scripted.but(head="call_power", arguments=(group, scripted.arguments[1]), text=call.text)
    return scripted


def _greedy_argument(parser: Parser, name: str) -> Syntax:
    """Return the whole product that follows, up to another function whose value is a scalar."""
    spellings = parser.reading.spellings

    def ends(token: Token) -> bool:
        if token.kind != "function":
            return False
        following = spellings.functions[token.text]
        logarithm = token.text.lstrip("\\") in LOGARITHMS
        return following == name or following in spellings.scalar or (logarithm and name == "determinant")

    return parser.joined("product", parser.factors(through_slash=False, before=ends))


def _bare_argument(parser: Parser, name: str) -> Syntax:
    r"""Return the argument of a function without parentheses: one factor, and what surely belongs to it.

    A number or a fraction in front does not end it: `\log\frac1n\sum_i ...`, `\log 2\pi\sigma^2` take the whole product
    up to the next function of the same kind, `\log a^\top v` the product that its transpose begins.
    """
    first = parser.factor(alone=False)
    factors = [first]
    if _is_coefficient(first):
        if parser.at_operand() and not _ends(name, parser.peek()):
            factors += parser.factors(through_slash=False, before=lambda token: _ends(name, token))
    elif first.unprimed.head == "symbol" and parser.at_parenthesis(parser.at):
        group = parser.scripted(parser.delimited(parser.take()))
        return parser.joined("applied", (first, group))
    elif (_is_row(first) or _is_angle(parser, first, name)) and parser.at_operand():
        factors += parser.factors(through_slash=False, before=lambda token: _ends(name, token))
    else:
        _check_end(parser, first, name)
    _check_slash(parser, first)
    return parser.joined("product", factors)


def _is_coefficient(node: Syntax) -> bool:
    r"""Whether a bare argument begins with a number or with a fraction of letters and numbers, as `\frac{k}{2\pi}`."""
    if node.head != "fraction":
        return node.head == "number"
    plain = ("number", "symbol", "negate", "product", "power", "fraction")
    return all(x.head in plain for x in node.walk())


def _is_angle(parser: Parser, first: Syntax, name: str) -> bool:
    r"""Whether a bare argument is an angle of two letters, `\sin\omega t`, `\cos kx`: time or place comes last."""
    token = parser.peek()
    if first.head != "symbol" or token is None or name.lstrip("\\") not in FUNCTIONS_OF_A_KIND[0]:
        return False
    return token.kind == "symbol" and token.text in ("t", "x", r"\tau", r"\theta") and first.text != token.text


def _ends(name: str, token: Token | None) -> bool:
    """Whether a token begins another call of the same kind: the function again, or another of its family."""
    if token is None or token.kind != "function":
        return False
    spelled, other = name.lstrip("\\"), token.text.lstrip("\\")
    return spelled == other or any({spelled, other} <= kind for kind in FUNCTIONS_OF_A_KIND)


def _check_end(parser: Parser, first: Syntax, name: str) -> None:
    r"""Refuse `\log x y` and `\log\frac{p+1}{q}x`: readers take the last factor into the argument or leave it out.

    Raises:
        ParseError: the argument is followed by such a factor.
    """
    token = parser.peek()
    if token is None or not parser.at_operand():
        return
    doubted = first.head == "symbol" and token.kind == "symbol"
    doubted = doubted or (first.head == "fraction" and not _ends(name, token))
    if doubted:
        message = f"it is not clear whether {token.text or 'what follows'} belongs to the argument"
        parser.reading.fail("E133", message, first.span.start, token.end, "put the argument in parentheses")


def _check_slash(parser: Parser, first: Syntax) -> None:
    r"""Refuse `\log x/y`, which may be the logarithm of the quotient or a quotient of it; `\log x/\log y` is one.

    Raises:
        ParseError: a slash follows the argument.
    """
    if not parser.at_sign("/") or first.head in ("bars", "norm", "group"):
        return
    slash = parser.peek()
    below = parser.tokens[parser.at + 1] if parser.at + 1 < len(parser.tokens) else None
    if slash is not None and below is not None and below.kind != "function":
        message = "it is not clear whether this / belongs to the argument"
        parser.reading.fail("E133", message, first.span.start, below.end, "put the argument in parentheses")


def _is_row(node: Syntax) -> bool:
    """Whether a bare argument begins with a transpose, which alone would make no argument."""
    return node.head == "transpose" or (node.head == "prime" and node.unprimed.head == "ones")
