"""What a bot is told of its surroundings: as variables for a process, as settings for the same."""

from base64 import b64encode
from pathlib import Path

from bot.local_slack import LocalSlackConfig
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
SECRET = "whsec_" + b64encode(b"a secret of the tests' own").decode()
TOKEN = "token-of-the-tests"
GITHUB_SECRET = "github-secret-of-the-tests"
SLACK = LocalSlackConfig()
"""A workspace that nobody has configured: the tokens that a bot needs there."""


def variables(api_url: str, database_url: str, **changes: object) -> dict[str, str]:
    """The environment of a bot at this Slack and this database; a change is a variable's value."""
    given = {
        "SLACK_BOT_TOKEN": SLACK.bot_token,
        "SLACK_SIGNING_SECRET": SLACK.signing_secret,
        "SLACK_APP_TOKEN": "",
        "SLACK_API_URL": api_url,
        "DATABASE_URL": database_url,
        "WARROOM_CONFIG": CONFIG,
        "WARROOM_WEBHOOK_SECRET": SECRET,
        "WARROOM_API_TOKEN": TOKEN,
        "WARROOM_PUBLIC_URL": "https://warroom.test",
        "HOST": "127.0.0.1",
        "PORT": 0,
        **changes,
    }
    return {name: str(value) for name, value in given.items()}


def settings(api_url: str, database_url: str, **changes: object) -> Settings:
    """The same, read."""
    given = variables(api_url, database_url, **changes)
    return Settings.model_validate({name.lower(): value for name, value in given.items()})
