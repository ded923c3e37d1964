"""What holds a room back while it isn't known who made a change, and what it takes to allow it.

Rules
- What was proposed stands here with its reason: whoever allows it too has to see what. Whoever may
  be the second person is named, and what helps where nobody may.
- Where only somebody's word is in the way, it is said who can't allow it alone: everybody else can.
- What doesn't count any more stays in a line, with why; with the decision, both who allowed it.
"""

from collections.abc import Iterator

from bot.domain import proposals
from bot.domain.policy import Policy, UnknownInitiator
from bot.domain.war_room import Outcome, Proposal, Void, WarRoom
from bot.integrations.slack.show import scope
from bot.integrations.slack.show.blocks import context, quoted, section, sections
from bot.integrations.slack.show.participants import (
    MISSING,
    called,
    is_bot,
    several,
    unknown_label,
)
from bot.integrations.slack.show.text import Block, date, long, outside

MARK = "\N{RAISED HAND}"
REASON = 1000
_SHOWN = 5
_IN_FULL = 2
_DOES = {
    Outcome.APPROVED: "approve",
    Outcome.OVERRIDDEN: "override",
    Outcome.DISMISSED: "dismiss the finding",
}
_VOID = {
    Void.INITIATOR: "they are behind the change themselves",
    Void.MISNAMED: "they were said to be behind the change",  # which somebody has corrected since
    Void.JOINED: "more violations have joined since",
    Void.NO_ROLE: "they have no role here any more",
    Void.TOO_LATE: "no second person allowed it in time",
    Void.DECIDED_OTHERWISE: "it was decided otherwise",
}


def is_held(room: WarRoom) -> bool:
    """Whether it is open, and not known for sure who made the change."""
    return room.decision is None and bool(room.unknown_makers or room.vouching)


def lines(room: WarRoom, policy: Policy, most: int | None = None) -> list[Block]:
    """Why one person alone can't allow it, who would, and who may be the second person.

    Each reason has at most `most` characters; None: in full.
    """
    if room.decision:
        return []
    blocks = [section(_held(room, policy))] if is_held(room) else []
    counting = proposals.counting(room)
    for proposal in counting[:_SHOWN]:
        if is_held(room):
            blocks += quoted(_would(room, proposal), proposal.reason, most)
            blocks.append(context(_seconds(room, proposal)))
        else:
            blocks += proposed(room, proposal, most)[1:]
    more = len(counting) - _SHOWN
    return [
        *blocks,
        *([context(f"… and {more} more who would allow it")] if more > 0 else []),
        *sections(_lapsed(room)),
    ]


def proposed(
    room: WarRoom, proposal: Proposal, most: int | None = None
) -> tuple[str, *tuple[Block, ...]]:
    """What somebody would allow, and what it takes: in a line, and as blocks."""
    helps = f" {_approvers(room, proposal)}" if proposals.approvers(room, proposal) else ""
    head = f"{_would(room, proposal)} {_takes(room)}{helps}"
    return head, *quoted(head, proposal.reason, most)


def decided(room: WarRoom, most: int = REASON) -> list[Block]:
    """What those had proposed who allowed it together, and what didn't count."""
    most = min(most, REASON)
    agreed = room.decision.agreed if room.decision else ()
    shown = [proposal for proposal in room.proposals if proposal.by in agreed][:_IN_FULL]
    return [
        *(
            block
            for proposal in shown
            for block in quoted(_had(room, proposal), proposal.reason, most)
        ),
        *sections(_lapsed(room)),
    ]


def in_a_line(room: WarRoom, name: str) -> str:
    """What holds a room back, for somebody in it, in a line of mrkdwn; nothing where nothing does.

    It says whether it waits for them as the second person.
    """
    counting = proposals.counting(room) if room.decision is None else ()
    if not is_held(room):
        would = several(room, [proposal.by for proposal in counting])
        return f"{would} would allow it; one person can by now." if counting else ""
    own = proposals.by(room, name)
    if own and proposals.author_can_decide(room, own):
        return f"{MARK} *Waits for you*: you would allow it, and can by now."
    by = [proposal.by for proposal in counting if name in proposals.seconds(room, proposal)]
    if by:
        return f"{MARK} *Waits for you as the second person*: {several(room, by)} would allow it."
    by = [proposal.by for proposal in counting if name in proposals.approvers(room, proposal)]
    if by:
        return f"{MARK} *Waits for your approval*: {several(room, by)} would override it."
    if counting:
        return f"{MARK} *Waits for a second person.*{' You would allow it.' if own else ''}"
    why = "it isn't known who made the change." if room.unknown_makers else _not_alone(room)
    return f"{MARK} *Held back*: {why}"


def _held(room: WarRoom, policy: Policy) -> str:
    by_two = policy.unknown_initiator is UnknownInitiator.SECOND_PERSON
    takes = (
        "One person alone can't allow this: an approval, a dismissal or an override takes a "
        "second, different person."
        if by_two
        else "Only the adjudicator can allow this, with a written reason."
    )
    if by_two and not room.unknown_makers:
        takes = _not_alone(room)
    why = _why(room)
    return f"{MARK} *Held back.* {why[0].upper()}{why[1:]} {takes}"


def _not_alone(room: WarRoom) -> str:
    return f"{several(room, room.vouching)} can't allow this alone."


def _seconds(room: WarRoom, proposal: Proposal) -> str:
    backups = {name for assignment in room.assignments for name in assignment.backups}
    names = [
        f"{called(room, name)}{' (backup)' if name in backups else ''}"
        for name in proposals.seconds(room, proposal)
        if name not in room.unreachable
    ]
    by_now = proposals.author_can_decide(room, proposal)
    told = [f"{called(room, proposal.by)} can allow it by now."] if by_now else []
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        told.append(f"The second person may be: {', '.join(names[:_SHOWN])}{more}")
    elif proposals.approvers(room, proposal):
        told.append(_approvers(room, proposal))
    elif not by_now:
        helps = "an operator can assign somebody."
        told.append(f"{MISSING} Nobody here can be the second person; {helps}")
    return " ".join(told)


def _approvers(room: WarRoom, proposal: Proposal) -> str:
    """What helps where nobody can override as the second person."""
    who = several(room, proposals.approvers(room, proposal), _SHOWN)
    then = f", and then {called(room, proposal.by)} can override" if room.unknown_makers else ""
    return f"Nobody else here can override; {who} may approve{then}."


def _lapsed(room: WarRoom) -> Iterator[str]:
    """What doesn't count, a line each, with why."""
    lapsed = proposals.void(room)
    for proposal, why in lapsed[:_SHOWN]:
        since = _VOID.get(why) or outside(why, 100)
        yield f"{_had(room, proposal)} That doesn't count, since {since}."
    if more := len(lapsed[_SHOWN:]):
        yield f"… and {more} more that don't count."


def _would(room: WarRoom, proposal: Proposal) -> str:
    return f"{called(room, proposal.by)} ({proposal.role}) would {_terms(proposal)}."


def _had(room: WarRoom, proposal: Proposal) -> str:
    return f"{called(room, proposal.by)} ({proposal.role}) had proposed to {_terms(proposal)}."


def _terms(proposal: Proposal) -> str:
    does = _DOES.get(proposal.outcome) or f"decide {outside(proposal.outcome, 100)}"
    terms = f", for {long(proposal.validity)}" if proposal.validity else ""
    terms += f", for {outside(scope.label(proposal.scope), 100)}" if proposal.scope else ""
    return f"{does}{terms}, {date(proposal.at)}"


def _takes(room: WarRoom) -> str:
    """What it takes to allow it after somebody proposed that, as it is known by now."""
    if room.unknown_makers:
        return f"It takes a second person, since {_why(room)}"
    if room.vouching:
        others = f"Anybody but {several(room, room.vouching)}"
        return f"{others} can allow it on their own, since {_why(room)}"
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
