"""What is said of a check that has failed and succeeded since."""

from bot.domain.violation import Success
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import links
from bot.integrations.slack.show.blocks import Detail
from bot.integrations.slack.show.text import date, outside

OFFER = "Withdraw: fixed"
_CHECK, _LINK = 100, 500
_FEW = 3  # where there is little room
WHILE = "Until it fails again or somebody decides"
_MEANS = (
    f"That decides nothing: whoever made the change can say *{OFFER}*, the others decide as before."
)
_MEANS_AMONG_OTHERS = "That decides nothing: everything here is still under one decision."


def line(success: Success, room: WarRoom) -> str:
    """Which check, when it succeeded, at which attempt and in which run, in a line of mrkdwn."""
    where = " on the same commit" if room.fixed and room.violation.report.origin.commit else ""
    attempt = f", attempt {success.attempt}" if success.attempt else ""
    run = links.run(success.run_url) if success.run_url else ""
    run = f" · {run}" if 0 < len(run) <= _LINK else ""  # a link is never cut
    check = f"*{outside(success.check, _CHECK)}*"
    return f"{check} has succeeded since{where}{attempt}, {date(success.at)}{run}"


def lines(room: WarRoom, detail: Detail) -> list[str]:
    """The newest of them, and what they mean for the decision."""
    shown = room.successes if detail.joined else room.successes[-_FEW:]
    said = [f"✔ {line(success, room)}" for success in shown]
    if more := len(room.successes) - len(shown):
        said.append(f"… and {more} more {'check' if more == 1 else 'checks'}")
    return [*said, _MEANS if room.fixed else _MEANS_AMONG_OTHERS]
