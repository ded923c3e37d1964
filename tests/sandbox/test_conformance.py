"""The table of methods agrees with the method reference, where that lies beside the checkout.

Nothing else looks there; without it there is nothing to compare.
"""

import json
from pathlib import Path

import pytest

from bot.sandbox.webapi.method import Tier, TokenKind
from bot.sandbox.webapi.registry import METHODS

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "slack" / "methods"
TIERS = {"t1": Tier.T1, "t2": Tier.T2, "t3": Tier.T3, "t4": Tier.T4, "t5": Tier.SPECIAL}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_scopes_tiers_and_required_arguments_are_slacks(name: str) -> None:
    path = REFERENCE / f"{name}.json"
    if not path.exists():
        return
    method, known = METHODS[name], json.loads(path.read_text(encoding="utf-8"))
    assert method.tier is TIERS[known["rate_limits"]]
    assert {"token", *method.required} == set(known["args"]["required"])
    if method.token is TokenKind.BOT:
        assert set(method.all_scopes) == set(known["scope"].get("bot") or ())
