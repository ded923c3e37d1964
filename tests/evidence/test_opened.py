"""What stands beside a leaf is held to its commitments, by both verifiers."""

import hashlib
import json

import pytest

from tests.evidence import exporting
from tests.evidence.exporting import Written, kinds
from tests.evidence.stranger import by_stranger

SALT = "7d" * 16
FACTS = "event.violation.report.facts"


@pytest.mark.parametrize(
    ("salt", "text"),
    [
        (SALT[:30], '}"1"'),  # the salt's last byte is the value's first
        (SALT + b'"'.hex(), '1"'),
        (SALT + b"1".hex(), "2"),
        (SALT.upper(), "12"),
        (SALT[:30] + " " + SALT[30:], "12"),
        (SALT, "no JSON"),
    ],
)
def test_the_border_between_salt_and_value_stays_where_it_is(
    record: Written, salt: str, text: str
) -> None:
    """The commitment is that of a value, and would be that of another one with more salt."""
    number = record.number("auto_cleared")
    entry = record.entries[number]
    payload = json.loads(entry.leaf.payload)
    digest = hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()
    payload["event"]["violation"]["report"]["facts"] = f"sha256:{digest}"
    beside = {**entry.personal, FACTS: (salt, text)}
    forged = record.but(
        number, exporting.rewritten(entry, beside, payload=json.dumps(payload))
    ).data()
    assert "commitment" in kinds(forged)
    assert by_stranger(forged) & {"commitment", "line"}
