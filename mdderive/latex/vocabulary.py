"""The macros and signs of LaTeX mathematics that are known, by what they do; the only place that lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


def by_character(characters: Sequence[str], names: str) -> dict[str, str]:
    """Return character -> the name that stands at its place in `names`."""
    return dict(zip(characters, names.split(), strict=True))


LETTERS = words_of(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi varpi
    rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega
    ell hbar imath jmath infty aleph wp top intercal emptyset varnothing
    """
)
ALPHABETS = words_of(
    """
    mathbf mathrm mathsf mathit mathtt mathcal mathscr mathfrak mathbb mathds mathbbm mathnormal
    textbf textit textsf bold symbf symrm symit symbb symcal
    """
)
EMBOLDENED = words_of("boldsymbol bm pmb symbfit")
SWITCHES: Mapping[str, str] = MappingProxyType(
    by_character(
        ("bf", "rm", "sf", "it", "tt", "cal", "frak", "bfseries", "boldmath"),
        "mathbf mathrm mathsf mathit mathtt mathcal mathfrak mathbf boldsymbol",
    )
)
WORD_FONTS = words_of("mathrm mathit mathtt symrm symit textit textsf")
_WORDS = words_of("text textrm textup textnormal mbox hbox")
TEXTS = _WORDS | words_of("operatorname operatornamewithlimits mathop texttt")
FACES = ALPHABETS | EMBOLDENED | TEXTS
ONES_FONTS = words_of("mathbf mathbb mathds mathbbm boldsymbol bm pmb textbf bold symbf symbb mathtt")
ACCENTS = words_of(
    """
    hat bar tilde vec dot ddot dddot widehat widetilde widecheck overline underline check breve acute grave mathring
    overrightarrow overleftarrow
    """
)
TEXT_ACCENTS: Mapping[str, str] = MappingProxyType(
    by_character("~^=\".'`vu", "tilde hat bar ddot dot acute grave check breve")
)
_LAYOUT = words_of(
    r"""
    , ; : ! > enspace thinspace displaystyle textstyle scriptstyle limits nolimits nonumber notag allowbreak nobreak
    strut hfill
    """
)
SKIPPED = (
    _LAYOUT
    | words_of(
        r"""
    / \ space quad qquad enskip medspace thickspace negthinspace negmedspace negthickspace scriptscriptstyle relax
    mathstrut null cr newline protect normalfont
    """
    )
    | {" ", "\n", "\t"}
)
SKIPPED_WITH_ARGUMENT = words_of("hspace vspace mspace phantom hphantom vphantom label tag color")
KERNS = words_of("mkern kern mskip hskip")
_BOXES = words_of("underbrace overbrace boxed fbox ensuremath smash")
TRANSPARENT = _BOXES | words_of("mathord mathbin mathrel mathopen mathclose mathinner mathpunct")
FRACTIONS = words_of("frac tfrac dfrac cfrac sfrac nicefrac")
BINOMIALS = words_of("binom tbinom dbinom")
WITH_TWO_ARGUMENTS = FRACTIONS | BINOMIALS
PARTIAL_FRACTIONS = ("pd", "pdv", "pderiv", "partialderivative", "diffp")
"""Macros of partial derivatives with two arguments, the function and the variable."""
BIG = re.compile(r"(?:[bB]igg?)([lrm]?)")
DELIMITERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {opening: ("open", kind) for kind, opening in zip("([{<", ("(", "[", r"\{", r"\langle"), strict=True)}
    | {closing: ("close", kind) for kind, closing in zip("([{<", (")", "]", r"\}", r"\rangle"), strict=True)}
    | {r"\lparen": ("open", "("), r"\lbrack": ("open", "["), r"\lbrace": ("open", "{")}
    | {r"\rparen": ("close", "("), r"\rbrack": ("close", "["), r"\rbrace": ("close", "{")}
    | {r"\lvert": ("open", "|"), r"\rvert": ("close", "|"), r"\lVert": ("open", "||"), r"\rVert": ("close", "||")}
    | {"|": ("bar", "|"), r"\vert": ("bar", "|"), r"\mid": ("bar", "|"), r"\|": ("bar", "||"), r"\Vert": ("bar", "||")}
)
"""spelling -> (kind of token, kind of pair)"""
OPENERS = MappingProxyType({"(": "(", "[": "[", "{": r"\{", "<": r"\langle", "|": "|", "||": r"\|"})
CLOSERS = MappingProxyType({"(": ")", "[": "]", "{": r"\}", "<": r"\rangle", "|": "|", "||": r"\|"})
SIGNS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("coloneqq", "coloneq", "triangleq", "doteq", "defeq"), ":=")
    | {"ast": "*", "colon": ":", "lt": "<", "gt": ">"}
)
MARKS = words_of("dagger dag ddagger star # bot perp")
SIMPLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"sum": ("sum", r"\sum"), "prod": ("sum", r"\prod"), "int": ("integral", r"\int"), "prime": ("prime", "'")}
    | {name: ("sign", sign) for name, sign in SIGNS.items()}
    | {name: ("sign", f"\\{name}") for name in MARKS}
)
"""macro -> (kind of token, its text)"""
_COMPARING = words_of(
    """
    le leq leqslant ge geq geqslant ne neq approx sim simeq cong in notin subset subseteq propto to mapsto
    rightarrow leftarrow ll gg succ succeq succcurlyeq prec preceq preccurlyeq
    """
)
RELATIONS = _COMPARING | words_of("equiv leftrightarrow Rightarrow implies iff models")
UNSUPPORTED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("coprod",), "this sign is not supported")
    | dict.fromkeys(("iint", "oint"), "this integral is not supported")
    | dict.fromkeys(("dots", "cdots", "ldots", "vdots", "ddots", "dotsb", "dotsc"), "an ellipsis hides what is meant")
    | dict.fromkeys(("pm", "mp"), "two formulas at once are not supported")
    | dict.fromkeys(("lim", "limsup", "liminf", "sup", "inf"), "a limit is not supported")
    | dict.fromkeys(("Re", "Im"), "the parts of a complex number are not supported")
    | dict.fromkeys(("lfloor", "rfloor", "lceil", "rceil"), "rounding is not supported")
    | dict.fromkeys(("oplus", "ominus", "cap", "cup", "wedge", "vee", "div", "bullet"), "this sign is not supported")
    | dict.fromkeys(("bigoplus", "bigotimes", "bigodot"), "a product over an index is not supported")
    | dict.fromkeys(("choose", "atop", "genfrac", "not", "middle"), "this notation is not supported")
)
WAYS_OUT: Mapping[str, str] = MappingProxyType(
    {
        "choose": r"write \binom{n}{k}",
        "arg": "leave it out, and ask where the gradient vanishes: [solve]",
        "cot": r"write \frac{1}{\tan(...)}",
        "sec": r"write \frac{1}{\cos(...)}",
        "csc": r"write \frac{1}{\sin(...)}",
        "coth": r"write \frac{1}{\tanh(...)}",
        "lg": r"divide by the logarithm of the base: \frac{\log(...)}{\log(2)}",
    }
)
"""What may be written in the place of a macro that is not supported."""
NAMED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "vech": (
            "the half-vectorisation vech is not supported",
            r"write L\operatorname{vec}(...) with a letter for the elimination matrix",
        ),
        "cond": (
            "the condition number is not supported by its name",
            r"write \frac{\sigma_{\max}(A)}{\sigma_{\min}(A)}",
        ),
        "mean": ("a mean is not supported by its name", r"write \frac{1}{n}\mathbf{1}^T x"),
        "avg": ("a mean is not supported by its name", r"write \frac{1}{n}\mathbf{1}^T x"),
        "sum": (
            "a sum is not supported by its name",
            r"write \mathbf{1}^T x, and \mathbf{1}^T X\mathbf{1} for the entries of a matrix",
        ),
        "etr": ("the exponential of a trace is not supported by its name", r"write \exp(\operatorname{tr}(...))"),
        "ddiag": (
            "the diagonal part of a matrix is not supported by its name",
            r"write \operatorname{diag}(\operatorname{diag}(...))",
        ),
        "cof": ("the cofactor matrix is not supported by its name", r"write \operatorname{adj}(...)^T"),
        "sym": ("the symmetric part is not supported by its name", r"write \frac12(X+X^T)"),
        "norm": ("a norm is not supported by its name", r"write \|x\|"),
        "std": (
            "a standard deviation is not supported by its name",
            r"write \sqrt{\frac{1}{n}\|x-m\mathbf{1}\|^2} with the clause m = \frac{1}{n}\mathbf{1}^T x",
        ),
        "softmin": (
            "softmin may be the softmax of -x or the soft minimum",
            r"write \operatorname{softmax}(-x), or -\log\sum_i e^{-x_i}",
        ),
    }
)
"""Functions that the field has a name for and that are not supported, each with what may be written in its place."""
KNOWN_FUNCTIONS = words_of(
    """
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg det max min
    gcd deg dim hom ker arg Pr sgn
    """
)
SPELLED_WORDS = words_of(
    "var cov corr mean sum prod norm sqrt rank dim span sup inf sign proj prox std erf sinc pdf cdf avg argmin argmax"
)
"""Words that authors type before a parenthesis as though they were functions, and that no spelling knows."""
LOGARITHMS = words_of("log ln lg")
FUNCTIONS_OF_A_KIND = (words_of("sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan"), LOGARITHMS)
r"""Functions of which one ends the argument of another: `\cos\frac x2\sin\frac x2` is a product."""
PROSE = words_of("where if and or for otherwise with when then s.t. such that is are else on the")

# --- chains of equations -----------------------------------------------------------------------------------

BREAKS = words_of(r"\ cr newline tabularnewline")
SPACES = words_of("quad qquad")
DROPPED = _LAYOUT | words_of(
    """
    big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm hfil noindent centering boldmath
    normalsize small large Large footnotesize qedhere qed blacksquare square Box checkmark
    """
)
DROPPED_WITH_ARGUMENT = SKIPPED_WITH_ARGUMENT | words_of(
    "tag* hspace* vspace* hskip intertext shortintertext footnote cite ref eqref href colorbox"
)
KEPT_ARGUMENT: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_BOXES | words_of("cancel bcancel underline bbox Aboxed highlight"), 1)
    | dict.fromkeys(words_of("textcolor mathcolor underset overset stackrel class cssId"), 2)
    | {"mathstrut": 0}
)
"""Macros whose last argument is what counts -> how many they have."""
ANNOTATING = _WORDS | words_of("emph mathrm textbf textit textsf")
DEFINING = words_of("equiv triangleq coloneqq doteq coloneq Coloneqq eqqcolon eqdef defeq dfn")
BELOW, ABOVE = ("<", r"\le", r"\leq", r"\leqslant", r"\lt"), (">", r"\ge", r"\geq", r"\geqslant", r"\gt")
"""The signs between a lower and an upper side, and the other way round."""
RELATING = _COMPARING | words_of(
    """
    < > lt gt approxeq asymp ni mid perp gets leadsto longmapsto longrightarrow rightsquigarrow xrightarrow xleftarrow
    nearrow uparrow downarrow
    """
)
THEREFORE = words_of(
    """
    Rightarrow Longrightarrow implies iff Leftrightarrow Longleftrightarrow therefore because impliedby Leftarrow
    leftrightarrow
    """
)
JOINING = words_of(r"+ - * / \cdot \times \odot \circ \otimes \pm \ast")
OPENING, CLOSING = (
    frozenset(spelled for spelled, (kind, pair) in DELIMITERS.items() if kind == side and pair in "([{<")
    - {"{", "}", "<", ">"}
    for side in ("open", "close")
)

# --- the left sides of claims ------------------------------------------------------------------------------

UPRIGHT = words_of("mathrm text rm operatorname mathit textrm mathop mathsf mathbf boldsymbol bm")
"""The fonts in which authors set the d of a differential, and the word grad."""
DRESSES = words_of(
    "mathbf boldsymbol bm vec mathrm mathcal hat bar tilde dot ddot widehat widetilde mathsf text textbf"
)
"""What authors put around the letter of a variable."""

# --- what is printed ---------------------------------------------------------------------------------------

UNSEEN = words_of("mathrm mathbf boldsymbol operatorname text left right bigl bigr thinspace quad")
"""What solutions are written with and has no width of its own."""
SPELLED_OUT_FUNCTIONS = words_of("log exp tanh sin cos")
"""Macros of functions as wide as their names."""

# --- Unicode -----------------------------------------------------------------------------------------------

SPELLED_OUT: Mapping[str, str] = MappingProxyType(
    by_character("αβγδεζηθικλμ", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu")
    | by_character("νξπρςστυφχψω", "nu xi pi rho varsigma sigma tau upsilon varphi chi psi omega")
    | by_character("ΓΔΘΛΞΠΣΥΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
    | by_character("ϵϕϑϱϖµℓ∂∇∞", "epsilon phi vartheta varrho varpi mu ell partial nabla infty")
    | by_character("·⋅×⊙∘⊗⊘∗⋆†‡", "cdot cdot times odot circ otimes oslash ast star dagger ddagger")
    | by_character("⊤⊺⟨⟩〈〉‖∥", "top intercal langle rangle langle rangle | |")
    | by_character("≤≥≠≈∈≜≔±…⋯", "le ge ne approx in triangleq coloneqq pm dots cdots")
    | by_character("∑∏∫√", "sum prod int sqrt")
)
SAME_AS: Mapping[str, str] = MappingProxyType(
    dict(zip("−－–﹣∣｜′’＇，、。；：∶∕⁄【】", "----||''',,.;:://[]", strict=True))
)
COMBINING: Mapping[str, str] = MappingProxyType(
    by_character("\u0302\u0304\u0305\u0303\u0307\u20d7", "hat bar bar tilde dot vec")
)
MATH_FONTS = (
    ("BOLD ITALIC", "boldsymbol"),
    ("BOLD SCRIPT", "boldsymbol"),
    ("BOLD", "mathbf"),
    ("SCRIPT", "mathcal"),
    ("FRAKTUR", "mathfrak"),
    ("DOUBLE-STRUCK", "mathbb"),
    ("SANS-SERIF", "mathsf"),
    ("MONOSPACE", "mathtt"),
)
