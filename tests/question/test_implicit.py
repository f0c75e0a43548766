"""Values that an equation defines."""

from __future__ import annotations

import pytest

import mdderive

DEFINED = [
    (r"\operatorname{tr}(X)", ["A^\\top XA+Q=X", "Q: symmetric"], r"2XA\mathcal{S}_{A,A^\top}(I)"),
    (r"\operatorname{tr}(X)", ["X=A^\\top XA+Q", "Q: symmetric"], r"2XA\mathcal{S}_{A,A^\top}(I)"),
    (r"\operatorname{tr}(PW)", ["A^\\top P+PA+Q=0", "Q, W: symmetric"], r"-2P\mathcal{L}_{A,A^\top}(W)"),
    (r"\operatorname{tr}(X)", ["AX+XB=C"], r"-\mathcal{L}_{A^\top,B^\top}(I)X^\top"),
    (r"c^\top x", ["Ax=b"], r"-A^{-\top}cx^\top"),
    (
        r"b^\top Lb",
        [r"A=LL^\top"],
        r"\frac{1}{2}L^{-\top}\bigl(\Phi(L^\top bb^\top)+\Phi(L^\top bb^\top)^\top\bigr)L^{-1}",
    ),
    (r"\|x-y\|^2", ["x=Ax+b"], r"2(I-A)^{-\top}(x-y)x^\top"),
]


@pytest.mark.parametrize(("f", "where", "gradient"), DEFINED, ids=[x[1][0] for x in DEFINED])
def test_an_equation_defines_a_letter_of_f(f: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f, "A", where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert found.check.exact or "LL" in where[0]
    assert str(found.gradient) == gradient


REFUSED = [
    (r"\operatorname{tr}(X)", ["X=AX^{-1}A^\\top+Q"], "E146", "not linear"),
    (r"\operatorname{tr}(X)", ["X=AXB+CXD"], "E146", "another form"),
    (r"a^\top h", ["h=h+x", "A: n x n"], "E146", "defined by itself"),
    (r"\operatorname{tr}(P)", ["A^\\top P+PA-PBR^{-1}B^\\top P+Q=0"], "E143", "implicitly"),
    (r"\operatorname{tr}(BY)", [r"A=YY^\top"], "E145", "is defined"),
    (r"a^\top Wx", ["2h=Wx"], "E143", "one name"),
    (r"b^\top Wx", ["b^\\top h=b^\\top Wx"], "E143", "one name"),
]


@pytest.mark.parametrize(("f", "where", "code", "words"), REFUSED, ids=[x[1][0] for x in REFUSED])
def test_other_equations_are_refused(f: str, where: list[str], code: str, words: str) -> None:
    with pytest.raises(mdderive.DeriveError) as error:
        mdderive.derive(f, "x" if "x" in f else "A", where=where)
    assert error.value.code == code
    assert words in error.value.message
