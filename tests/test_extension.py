"""What is handed to the composition root answers to names that nothing else has."""

from dataclasses import replace

import pytest

from bot.integrations.extension import Extension, combined
from bot.integrations.registry import BUILT_IN, with_built_in
from bot.integrations.slack.verbs.reject import REJECT
from bot.integrations.slack.verbs.verb import Form
from bot.measures.figures import KEYS
from bot.measures.half_life import HALF_LIFE

BUILT = with_built_in()


def _another(callback_id: str) -> Extension:
    """A verb of another name, whose form has this callback id."""
    assert isinstance(REJECT.act, Form)
    form = replace(REJECT.act, callback_id=callback_id)
    return Extension(verbs=(replace(REJECT, action_id="reject_again", act=form),))


@pytest.mark.parametrize(
    ("added", "refused"),
    [
        (Extension(sources=BUILT.sources[:1]), "sources: 2 are called 'violations'"),
        (Extension(effect_kinds=BUILT.effect_kinds[:1]), "effect_kinds: 2 are called"),
        (Extension(verbs=BUILT.verbs[:1]), "verbs: 2 are called 'ack'"),
        (Extension(verbs=(replace(REJECT, action_id="more"),)), "verbs: 2 are called 'more'"),
        (Extension(verbs=(replace(REJECT, action_id="details"),)), "verbs: 2 are called 'details'"),
        (Extension(measures=BUILT.measures[:1]), "measures: 2 are called 'half_life'"),
        (Extension(subcommands=BUILT.subcommands[:1]), "subcommands: 2 are called"),
        (Extension(doctor_checks=BUILT.doctor_checks[:1]), "doctor_checks: 2 are called"),
        (_another("reject_modal"), "forms: 2 are called 'reject_modal'"),
        (_another("open_modal"), "forms: 2 are called 'open_modal'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_two_of_a_kind_have_two_names(added: Extension, refused: str) -> None:
    with pytest.raises(ValueError, match=refused):
        with_built_in([added])


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_measure_has_no_name_that_figures_have_anyway(key: str) -> None:
    """Its estimate would stand in the place of a count, or of a group."""
    added = Extension(measures=(replace(HALF_LIFE, name=key, gauge=None),))
    with pytest.raises(ValueError, match=f"measures: '{key}' is a key of the figures themselves"):
        with_built_in([added])


def test_two_measures_have_two_gauges() -> None:
    added = Extension(measures=(replace(HALF_LIFE, name="mine"),))
    refused = "measures: 'half_life' and 'mine' have one gauge, 'warroom_half_life_seconds'"
    with pytest.raises(ValueError, match=refused):
        with_built_in([added])


def test_a_form_with_an_id_of_its_own_is_added() -> None:
    added = _another("reject_again_modal")
    assert combined((*BUILT_IN, added)).verbs == (*BUILT.verbs, *added.verbs)
