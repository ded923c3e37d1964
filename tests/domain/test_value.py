"""A changed value is pydantic's own copy: its fields, what it doesn't know, what was set."""

import pytest

from bot.domain.person import Person


@pytest.mark.parametrize(
    "person",
    [
        Person(name="ada"),
        Person(name="ada", accounts=("slack:U0ADA",)),
        Person.read({"name": "ada", "of_a_newer_version": [1]}),
    ],
)
def test_a_changed_value_is_as_pydantic_copies_it(person: Person) -> None:
    stored = person.model_dump_json()
    changed, copied = person.but(team="privacy"), person.model_copy(update={"team": "privacy"})
    assert changed == copied
    assert changed.model_fields_set == copied.model_fields_set
    assert changed.model_dump_json() == copied.model_dump_json()
    assert changed.model_dump_json(exclude_unset=True) == copied.model_dump_json(exclude_unset=True)
    assert person.model_dump_json() == stored
    with pytest.raises(TypeError, match="has no field tem"):
        person.but(tem="privacy")
