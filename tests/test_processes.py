"""What the processes of a chaos run and a bench say of themselves is so."""

from pathlib import Path

import pytest

from tests.staging.environment import variables
from tests.staging.processes import EndedError, bot

AWAY = "postgresql://warroom@127.0.0.1:1/warroom"
NO_SLACK = "http://127.0.0.1:1/api/"


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_what_cannot_start_is_not_taken_for_running(command: str, tmp_path: Path) -> None:
    """A worker too, which hears no request that could fail."""
    part = bot("part", command, tmp_path, variables(NO_SLACK, AWAY))

    with pytest.raises(EndedError, match="ended at its start"):
        await part.start()

    assert not part.up
