"""The subcommands of `/warroom`, in the order of the help."""

from bot.integrations.slack.commands.debt import DEBT
from bot.integrations.slack.commands.exceptions import EXCEPTIONS
from bot.integrations.slack.commands.extend import EXTEND
from bot.integrations.slack.commands.handoff import HANDOFF
from bot.integrations.slack.commands.help_text import HELP
from bot.integrations.slack.commands.list_rooms import LIST
from bot.integrations.slack.commands.mine import MINE
from bot.integrations.slack.commands.open_room import OPEN
from bot.integrations.slack.commands.stats import STATS
from bot.integrations.slack.commands.status import STATUS
from bot.integrations.slack.commands.subcommand import Subcommands

SUBCOMMANDS: Subcommands = (
    OPEN,
    STATUS,
    LIST,
    MINE,
    STATS,
    DEBT,
    EXTEND,
    HANDOFF,
    HELP,
    EXCEPTIONS,
)
