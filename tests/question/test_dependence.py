"""Never drop a dependence: a letter that is tied to the variable is followed, or the author is asked."""

from __future__ import annotations

import pytest

import mdderive

FOLLOWED = [
    # the same letter in another face
    (r"\|\mathbf{x}\|^2+\sum_{i=1}^n x_i^4", r"\mathbf{x}", r"2\mathbf{x}+4\mathbf{x}^{\odot 3}"),
    (r"\vec{x}^T\vec{a}+\sum_i x_i^2", r"\vec{x}", r"\vec{a}+2\vec{x}"),
    # the entries of a matrix in small letters
    (r"\operatorname{tr}(AX)+\sum_{i,j}x_{ij}^2", "X", r"A^\top+2X"),
    (r"\operatorname{tr}(S\Omega)+\sum_{i,j}\omega_{ij}^2", r"\Omega", r"S^\top+2\Omega"),
    (r"\operatorname{tr}(AX)+x_{11}^2", "X", r"A^\top+2X_{11}e_1e_1^\top"),
    # an entry whose index nothing binds
    (r"\log\sum_je^{z_j}-z_k", "z", r"\operatorname{softmax}(z)-e_k"),
    ("x_k^2+\\|x\\|^2", "x", r"2(e_k^\top x)e_k+2x"),
    (r"A_{ij}+\operatorname{tr}A", "A", r"e_ie_j^\top+I"),
    ("h_k+b", "x", "W^\\top e_k"),
    # a mean
    (r"\sum_{i=1}^nx_i^2-n\bar{x}^2", "x", r"2x-2\bar{x}\mathbf{1}"),
    (r"n\bar{z}^2+\sum_{i=1}^nb_iz_i", "w", r"\sum_{i=1}^n (b_i+2\bar{z})x_i"),
]
WHERE = {"h_k+b": ["h = Wx"], r"n\bar{z}^2+\sum_{i=1}^nb_iz_i": ["z_i := w^Tx_i"]}


@pytest.mark.parametrize(("f", "variable", "gradient"), FOLLOWED, ids=[x[0] for x in FOLLOWED])
def test_a_dependence_is_followed(f: str, variable: str, gradient: str) -> None:
    found = mdderive.derive(f, variable, where=WHERE.get(f, []))
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert str(found.gradient) == gradient


ASKED = [
    (r"\mathbf{w}^T\mathbf{a}+w^Tb", r"\mathbf{w}", [], r"w may be \mathbf{w} in another face"),
    (r"\|XW-Y\|^2+\sum_i\|x_i\|^2", "X", [], "x_i may be a row or column of X"),
    (r"\theta_0+\theta_1x+\theta_2x^2", r"\theta", ["x: scalar"], r"the entries of \theta are counted from zero"),
    (r"\frac{e^{z_y}}{\sum_je^{z_j}}", "z_y", [], "z_y stands beside a sum over all z_k"),
    (r"w_k+\sum_{j=1}^nw_j^2", "w_k", [], "w_k stands beside a sum over all w_k"),
    (r"\frac{e^{x_i}}{\sum_je^{x_j}}", "x_k", [], "x_i may be one of the x_j"),
    (r"-\log\frac{\exp(w_y^Tx)}{\sum_j\exp(w_j^Tx)}", "w_j", [], "w_y may be one of the w_j"),
    ("a^Tx", "w", ["S := w^Tw"], "w does not occur in the function"),
    (r"\|h\|^2", "W", ["H := WX"], "W does not occur in the function"),
    (r"x_n+\sum_{i=1}^n x_i^2", "x", [], "x_n may be an entry of x"),
    (r"-z_{\pi(i)}+\log\sum_je^{z_j}", "z", [], r"z_{\pi(i)} may be an entry of z"),
    (r"X_{k\ell}+\|X\|_F^2", "X", [], r"X_{k\ell} may be an entry of X"),
    (r"\|X\|_F^2+\sum_i\|X_i\|^2", "X", [], "X_i may be a row or column of X"),
    (r"\bar{x}^2+x^Tx", "x", [], r"\bar{x} may be the mean of x"),
    (r"\theta^T\theta+\log p_\theta", r"\theta", [], r"p_\theta may be a function of \theta"),
    (r"\mathbf w_1^Ta+\sum_jw_{1j}^2", r"\mathbf w_1", [], r"w_{1j} may be an entry of \mathbf{w}_1"),
    (r"\sum_i(z_i-\bar z)^2", "w", ["z_i := w^Tx_i"], r"\bar{z} may be the mean of what z_i defines"),
    (r"w^Tw+\hat y^2", "w", ["y := w^Tx"], r"\hat{y} may be the y that is defined"),
    ("w^Tw+h_k", "w", ["h_i := w^Tx_i"], "h_k may be the h_i that is defined"),
]


@pytest.mark.parametrize(("f", "variable", "where", "message"), ASKED, ids=[x[0] for x in ASKED])
def test_where_it_is_not_followed_the_author_is_asked(f: str, variable: str, where: list[str], message: str) -> None:
    with pytest.raises(mdderive.DeriveError) as error:
        mdderive.derive(f, variable, where=where)
    assert message in error.value.message


def test_a_declaration_that_is_offered_works() -> None:
    where = ["h := Xw", r"\mathbf h: column"]
    with pytest.raises(mdderive.DeriveError, match=r"\[\\mathbf\{h\}: column\]"):
        mdderive.derive(r"w^Tw+\mathbf h^T\mathbf h", "w", where=where[:1])
    found = mdderive.derive(r"w^Tw+\mathbf h^T\mathbf h", "w", where=where)
    assert isinstance(found, mdderive.Derivation) and str(found.gradient) == "2w"


CONSTANT = [
    # an iterate, a reference point, an intercept: letters of their own
    (r"\|x-x_k\|^2", "x", [], "2(x-x_k)"),
    (r"\|x-\tilde x\|^2", "x", [], r"2(x-\tilde{x})"),
    ("w_0+w^Tx", "w", [], "x"),
    (r"\sigma^2+\sigma_n^2", r"\sigma", [], r"2\sigma"),
    (r"\|W_hh+Wx\|^2", "W", [], "2(W_hh+Wx)x^\\top"),
    # what is declared is one too, whatever it looks like
    ("x_k^2+\\|x\\|^2", "x", ["x_k: scalar"], "2x"),
    (r"\mathbf{w}^T\mathbf{a}+w^Tb", r"\mathbf{w}", ["w: vector"], r"\mathbf{a}"),
]


@pytest.mark.parametrize(("f", "variable", "where", "gradient"), CONSTANT, ids=[f"{x[0]} {x[2]}" for x in CONSTANT])
def test_a_letter_of_its_own_is_a_constant(f: str, variable: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f, variable, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient


def test_a_matrix_with_a_set_as_its_index_may_be_a_submatrix() -> None:
    with pytest.raises(mdderive.ShapeError, match="L_S may be a submatrix of L") as caught:
        mdderive.derive(r"\log\det(L_S)-\log\det(L+I)", "L", where=["L: SPD"])
    assert caught.value.code == "E205"
    assert mdderive.derive(r"\log\det(L_S)-\log\det(L+I)", "L", where=["L: SPD", "L_S: k x k"])
    assert mdderive.derive(r"\operatorname{tr}(\Sigma_0^{-1}\Sigma)", r"\Sigma")
