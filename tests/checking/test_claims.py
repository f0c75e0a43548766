"""Claims, true and false: no false one is accepted, no true one is refuted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mdderive
from mdderive.errors import DeriveError

CLAIMS = [
    json.loads(line) for line in (Path(__file__).parent / "claims.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("claim", CLAIMS, ids=[x["id"] for x in CLAIMS])
def test_a_claim(claim: dict[str, Any]) -> None:
    where = [*claim["where"], f"= {claim['claim']}"]
    if claim["label"] == "true":
        mdderive.derive(claim["f"], claim["wrt"], where)
        return
    with pytest.raises(DeriveError) as refused:
        mdderive.derive(claim["f"], claim["wrt"], where)
    assert refused.value.code == "E410"
