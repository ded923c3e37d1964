"""What an erasure knows of tables and of people."""

import pytest

from bot.domain.somebody import Somebody
from bot.storage.erasing import TABLES
from bot.storage.tables import metadata

WHO = Somebody.called("ada").with_more(
    accounts=("slack:U0ADA", "email:ada@acme.test", "github:ada")
)


def test_of_every_table_it_is_said_what_an_erasure_does_to_it() -> None:
    assert TABLES.keys() == metadata.tables.keys()


@pytest.mark.parametrize(
    "value",
    [
        "ada",
        "slack:U0ADA",
        "ask <@U0ADA> first",
        "Ada Byron <ADA@acme.test>",
        "thanks @ada!",
        {"user": {"login": "ada"}},
        ["x", {"ada@acme.test": 1}],
    ],
)
def test_a_value_names_somebody_by_an_account_or_by_being_their_name(value: object) -> None:
    assert WHO.is_named_in(value)


@pytest.mark.parametrize(
    "value",
    [
        "written in ada, of course",
        "canada@acme.test",
        "ada@acme.test2",
        "ada@acme.test.example",
        "me@ada.test",
        "<@U0ADAM>",
        {"language": "Ada 2012"},
        7,
    ],
)
def test_a_word_like_a_name_or_a_longer_account_names_nobody(value: object) -> None:
    assert not WHO.is_named_in(value)


def test_in_the_bots_own_words_a_name_is_a_word() -> None:
    said = "ada may have made the change: list ada's slack in people.yaml"
    assert WHO.is_named_in(said, by_bot=True)
    assert not WHO.is_named_in(said)


@pytest.mark.parametrize(
    "initiator",
    [
        {"email": "Ada+ci@Acme.test"},
        {"email": "7+ada@users.noreply.github.com"},
        {"github": "https://github.com/Ada"},
        {"slack": "<@U0ADA>"},
        {"name": "ada"},
    ],
)
def test_an_initiator_is_somebody_by_any_spelling_of_an_account(initiator: object) -> None:
    assert WHO.made(initiator)
    assert not WHO.made({"email": "val@acme.test", "github": "adam"})
