"""What the composition root hands to whatever opens the way to a destination."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.engine import Engine
from bot.integrations.slack.verbs.verb import Verbs
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Wiring:
    """What is wired already: the engine has the configuration, the store and the clock.

    `slack` is the client that all calls to Slack share, `verbs` are all that there are.
    """

    settings: Settings
    engine: Engine
    slack: AsyncWebClient
    verbs: Verbs
