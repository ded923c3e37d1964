"""A folder with a configuration that loads, for tests to break."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.integrations.registry import with_built_in
from bot.policies.load import load
from bot.yaml.problems import ConfigError

PEOPLE = """\
people:
  ada:  {slack: U0ADA,  email: ada@acme.test,  github: Ada, team: search}
  val:  {slack: U0VAL,  email: val@acme.test,  team: privacy, github: val}
  jude: {slack: U0JUDE, email: jude@acme.test, team: legal, github: jude}
  bea:  {slack: U0BACK, email: bea@acme.test,  team: legal, github: bea}
groups:
  privacy: [val, bea]
"""
POLICIES = """\
defaults: {window: 4h}
policies:
  - id: pii
    title: Personal data
    description: Ask first.
    severity: high
    roles:
      validator: {from: privacy}
      adjudicator: {from: jude, backup: bea}
"""

Refuse = Callable[[], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "policies.yaml").write_text(POLICIES)
    return tmp_path


@pytest.fixture
def refused(folder: Path) -> Refuse:
    """Loads the folder, which has to fail, and gives what is said."""

    def refuse() -> str:
        with pytest.raises(ConfigError) as error:
            load(folder, with_built_in().sections)
        return str(error.value)

    return refuse
