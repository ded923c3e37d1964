"""What the documentation takes from the code is what the code says."""

import pytest

from docs.generate import PARTS, PLACES, schema_files, with_part


@pytest.mark.parametrize("name", sorted(PLACES))
def test_generated_parts_are_up_to_date(name: str) -> None:
    text = PLACES[name].read_text(encoding="utf-8")
    assert with_part(text, name, PARTS[name]()) == text, "run `make docs`"


def test_schemas_are_up_to_date() -> None:
    for path, text in schema_files().items():
        assert path.read_text(encoding="utf-8") == text, "run `make docs`"
