"""A policy's digest: it stays what it was, whatever fields a later version adds."""

from datetime import timedelta

import pytest

from bot.domain.policy import (
    LadderStep,
    OnExpiry,
    OverrideRule,
    Policy,
    Roster,
    Rung,
    StormRule,
    digest_of,
)
from bot.domain.value import StoredValue
from tests.build import POLICY


class NewerRoster(Roster):
    """A roster with a field that nobody has to fill in."""

    shifts: tuple[str, ...] = ()


class NewerStep(LadderStep):
    """A step with one."""

    again: bool = False


class NewerOverride(OverrideRule):
    """A rule with one."""

    words: dict[str, str] = {}


class NewerStorm(StormRule):
    """A rule with one."""

    quiet: bool = False


class Shift(StoredValue):
    """What no policy had before; one of its fields has to be filled in."""

    name: str
    roster: NewerRoster = NewerRoster(label="")


class NewerPolicy(Policy):
    """A policy with fields that nobody has to fill in, and made of what has such fields too."""

    validator: NewerRoster
    adjudicator: NewerRoster
    ladder: tuple[NewerStep, ...]
    override: NewerOverride
    storm: NewerStorm
    calendar: str | None = None
    shifts: tuple[Shift, ...] = ()
    by_team: dict[str, Shift] = {}
    limit: int | None = 5


GROUP = Roster(label="privacy", member_group="S0PRIVACY")
OTHER = POLICY.but(
    validator=GROUP,
    ladder=(LadderStep(at=0.5, do=Rung.REMIND),),
    on_expiry=OnExpiry.ALLOW,
    override=OverrideRule(max_validity=timedelta(days=7)),
    storm=StormRule(rooms=3),
    private=False,
)
# As the first version of documents gave them; they are in records, so they stay.
DIGESTS = [
    (POLICY, "sha256:a22b8dbf990b8980fc46fde22c8fc4c799073ea25b754477fc4f51bad4dcde06"),
    (OTHER, "sha256:8b611fec8b5198a096852a9efe1237de60b56891afcf7d15e80574363a9b7556"),
]


@pytest.mark.parametrize(("policy", "digest"), DIGESTS)
def test_the_digest_of_a_policy_stays_what_it_was(policy: Policy, digest: str) -> None:
    assert policy.digest == digest
    assert Policy.model_validate_json(policy.document).digest == digest


@pytest.mark.parametrize("policy", [POLICY, OTHER])
def test_an_optional_field_more_changes_no_digest_of_a_policy_that_does_not_use_it(
    policy: Policy,
) -> None:
    newer = NewerPolicy.model_validate(policy.model_dump())
    assert newer.document == policy.document
    assert newer.digest == policy.digest


SHIFT = Shift(name="late")
USED: list[dict[str, object]] = [
    {"calendar": "paris"},
    {"shifts": (SHIFT,)},
    {"by_team": {"search": SHIFT}},
    {"limit": None},
    {"validator": NewerRoster(label="privacy", shifts=("night",))},
    {"ladder": (NewerStep(at=0.5, do=Rung.REMIND), NewerStep(at=0.6, do=Rung.REMIND, again=True))},
    {"override": NewerOverride(words={"en": "Why?"})},
    {"storm": NewerStorm(quiet=True)},
]


@pytest.mark.parametrize("used", USED, ids=lambda used: next(iter(used)))
def test_a_field_that_is_used_is_in_the_digest_and_is_read_again(used: dict[str, object]) -> None:
    newer = NewerPolicy.model_validate(POLICY.model_dump()).but(**used)
    assert newer.digest != POLICY.digest
    read = NewerPolicy.model_validate_json(newer.document)
    assert read == newer.but(file="", line=0)


@pytest.mark.parametrize("used", USED, ids=lambda used: next(iter(used)))
def test_a_stored_policy_of_a_newer_version_keeps_the_digest_of_its_bytes(
    used: dict[str, object],
) -> None:
    newer = NewerPolicy.model_validate(POLICY.model_dump()).but(**used)
    read = Policy.model_validate_json(newer.document).but(file=POLICY.file, line=POLICY.line)
    assert read.document == newer.document
    assert read.digest == digest_of(newer.document)
