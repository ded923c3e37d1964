"""What holds a room back while it isn't known who made a change, and what it takes to allow it.

Rules
- What was proposed stands here in full: whoever allows it too has to see what.
"""

from bot.domain.policy import Policy, UnknownInitiator
from bot.domain.war_room import Outcome, Proposal, WarRoom
from bot.integrations.slack.show.blocks import quoted, section
from bot.integrations.slack.show.participants import called, is_bot, several, unknown_label
from bot.integrations.slack.show.text import Block, date, long

MARK = "\N{RAISED HAND}"
_SHOWN = 5
_WOULD = {
    Outcome.APPROVED: "would approve",
    Outcome.OVERRIDDEN: "would override",
    Outcome.DISMISSED: "would dismiss the finding",
}


def lines(room: WarRoom, policy: Policy) -> list[Block]:
    """Why one person alone can't allow it, and who would; nothing where one can."""
    if room.decision or not (room.unknown_makers or room.vouching):
        return []
    by_two = policy.unknown_initiator is UnknownInitiator.SECOND_PERSON
    takes = (
        "One person alone can't allow this: an approval, a dismissal or an override takes a "
        "second, different person."
        if by_two
        else "Only the adjudicator can allow this, with a written reason."
    )
    if by_two and not room.unknown_makers:
        takes = f"{several(room, room.vouching)} can't allow this alone."
    why = _why(room)
    blocks = [section(f"{MARK} *Held back.* {why[0].upper()}{why[1:]} {takes}")]
    for proposal in room.proposals:
        blocks += quoted(_would(room, proposal), proposal.reason)
    return blocks


def proposed(room: WarRoom, proposal: Proposal) -> tuple[str, *tuple[Block, ...]]:
    """What somebody would allow, and what it takes: in a line, and as blocks."""
    head = f"{_would(room, proposal)} {_takes(room)}"
    return head, *quoted(head, proposal.reason)


def _would(room: WarRoom, proposal: Proposal) -> str:
    would = _WOULD.get(proposal.outcome, f"proposes: {proposal.outcome}")
    terms = f", for {long(proposal.validity)}" if proposal.validity else ""
    return f"{called(room, proposal.by)} ({proposal.role}) {would}{terms}, {date(proposal.at)}."


def _takes(room: WarRoom) -> str:
    """What it takes to allow it after somebody proposed that, as it is known by now."""
    if room.unknown_makers:
        return f"It takes a second person, since {_why(room)}"
    if room.vouching:
        return f"It takes another person to allow it, since {_why(room)}"
    return "It is known by now who made this change: one person can allow it."


def _why(room: WarRoom) -> str:
    """A sentence that may stand after another's `since`."""
    makers = room.unknown_makers
    if not makers:
        return f"who made this change is known by the word of {several(room, room.vouching)} alone."
    labels = ", ".join(unknown_label(maker) for maker in makers[:_SHOWN])
    more = f" and {len(makers) - _SHOWN} more" if len(makers) > _SHOWN else ""
    if all(map(is_bot, makers)):
        return f"a bot stands in front, and nobody human is named: {labels}{more}."
    return f"it isn't known who made this change: {labels}{more}."
