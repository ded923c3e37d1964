"""Whatever stands in the files, the configuration loads or is refused: nothing else happens."""

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.load import load
from bot.yaml.problems import ConfigError
from tests.policies.conftest import PEOPLE, POLICIES

FILES = {
    "people.yaml": PEOPLE,
    "policies.yaml": POLICIES,
    "sources.yaml": "github: {secret_env: S, policies: {A: pii}}\n",
}
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["[", "{", "}", ": ", "- ", "~", "[]", "{}", "1", "true", "\n", "\n  ", "S0A"]),
)


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_a_file_with_any_piece_replaced_loads_or_is_refused(name: str, data: st.DataObject) -> None:
    text = FILES[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for other, whole in FILES.items():
            (folder / other).write_text(whole)
        broken = text[:start] + data.draw(PIECES) + text[end:]
        (folder / name).write_bytes(broken.encode(errors="surrogatepass"))
        with suppress(ConfigError):
            load(folder)
