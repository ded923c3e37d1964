"""What each command but the decisions leads to, once the table says that it has its turn."""

from datetime import timedelta

from bot.domain import assignments, duration, ladder, readers, storm
from bot.domain import commands as c
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.ask import Answer, Ask, C, misfit
from bot.domain.makers import in_room, nameable, names_of
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import Role, Rung
from bot.domain.refusal import Refusal, Why
from bot.domain.superseding import CarryOver


def join(ask: Ask[c.Join]) -> Answer:
    """Another violation with the same key; its initiators leave any role they had.

    Graver terms than the room's are the room's from now on.
    """
    room, command = ask.room, ask.command
    terms = room.terms.with_joined(command.terms) if command.terms else room.terms
    held = assignments.in_roles(room, ask.rules.policy, terms.decide)
    makers = in_room(command.makers, ask.names)
    left = assignments.without(held, names_of(makers, room.owners))
    return (
        e.Joined(
            violation=command.violation,
            makers=makers,
            assignments=left,
            terms=terms if terms != room.terms else None,
        ),
    )


def acknowledge(ask: Ask[c.Acknowledge]) -> Answer:
    """Once a person."""
    if ask.actor in ask.room.acknowledged:
        return Refusal(Why.NOTHING_TO_DO, "You have already acknowledged this.")
    return (e.Acknowledged(role=ask.role),)


def request_info(ask: Ask[c.RequestInfo]) -> Answer:
    """A question needs words."""
    question = ask.command.question.strip()
    return misfit("question", question) or (
        e.InfoRequested(role=ask.role, question=question, asked_by=ask.actor),
    )


def explain(ask: Ask[c.Explain]) -> Answer:
    """An answer needs words; the first one to a question is for whoever asked it.

    Only an initiator answers: what somebody else explains leaves the question to them.
    """
    room, text = ask.room, ask.command.text.strip()
    answers = room.question is not None and ask.role is Role.INITIATOR
    asked_by = room.asked_by if answers and room.answer is None else None
    return misfit("explanation", text) or (
        e.Explained(role=ask.role, text=text, asked_by=asked_by, unasked=not answers),
    )


def extend(ask: Ask[c.Extend]) -> Answer:
    """With a reason; all extensions together at most double the window."""
    command, room = ask.command, ask.room
    reason = command.reason.strip()
    left = room.window - room.extended_by
    if not timedelta(0) < command.by <= left:
        found = duration.words(command.by)
        need = (
            f"at most {duration.words(left)} more: extensions may double the window of "
            f"{duration.words(room.window)}, no more"
            if left
            else f"nothing more: the window of {duration.words(room.window)} is doubled already"
        )
        return Refusal(Why.INVALID, f"Found {found}, possible is {need}.", "by")
    return misfit("reason", reason) or (
        e.Extended(
            role=ask.role, by=command.by, expires_at=room.expires_at + command.by, reason=reason
        ),
    )


def hand_off(ask: Ask[c.HandOff]) -> Answer:
    """One's own role, to somebody who may hold it."""
    role, room, to = ask.command.role, ask.room, ask.names[ask.command.to.name]
    if role is Role.INITIATOR or room.assignment(role).on_duty != ask.actor:
        message = f"You are not the {role} on duty: only your own role can be handed off."
        return Refusal(Why.NOT_ALLOWED, message)
    others = [name for name in room.assignment(role).holders if name != ask.actor]
    if to not in others:
        eligible = tuple(map(room.person, others)) or (Person(name="nobody else in this policy"),)
        message = f"{{to}} can't be {role} here; eligible: {{eligible}}."
        people = {"to": (ask.command.to,), "eligible": eligible}
        return Refusal(Why.INVALID, message, "to", people)
    handed = assignments.hand_off_to(room.assignments, role, to)
    return (e.HandedOff(role=role, to=to, assignments=handed),)


def split(ask: Ask[c.Split]) -> Answer:
    """One of a storm, with those that have its key: the others stay under one decision."""
    command, room = ask.command, ask.room
    if not room.is_storm or room.contents.one_key:
        message = f"All that is in war room {room.id} is one decision: nothing can be set apart."
        return Refusal(Why.NOTHING_TO_DO, message)
    if command.remaining is None:
        return Refusal(Why.INVALID, "Choose one that is still in this war room.", "violation")
    return (
        e.Split(
            role=ask.role,
            violations=tuple(held.violation.id for held in command.leaving),
            to=command.to,
            contents=storm.without_leaving(room, command.leaving, command.remaining),
        ),
    )


def escalate(ask: Ask[c.Escalate]) -> Answer:
    """The steps of the ladder that were reached, each with whom it tells."""
    room = ask.room
    told = {
        Rung.REMIND: [name for name in room.on_duty if name not in room.acknowledged],
        Rung.PAGE_BACKUP: [
            name
            for each in room.assignments
            for name in each.others + each.backups
            if name not in room.pages
        ],
        Rung.LAST_CALL: [
            name for each in room.assignments for name in each.holders if name in room.invited
        ],
    }
    steps = ladder.due_steps(room, ask.rules.policy, ask.now)
    if not steps:
        return Refusal(Why.NOTHING_TO_DO, "No step of the ladder is due.")
    return tuple(
        e.Escalated(rung=rung, due_at=due_at, notify=tuple(dict.fromkeys(told[rung])))
        for due_at, rung in steps
    )


def close(ask: Ask[c.Close]) -> Answer:
    """Once the result was there to be read for long enough."""
    since = readers.readable_since(ask.room)
    if since is None or ask.now < since + ask.rules.policy.archive_after:
        return Refusal(Why.NOTHING_TO_DO, "The result is still being shown.")
    return (e.Closed(),)


def identify(ask: Ask[c.IdentifyInitiator]) -> Answer:
    """An account is somebody's, or nobody's; an initiator leaves any role they had.

    The answer holds for all violations that name the account, and for those that come later. One
    of an initiator's own may turn out to be somebody's too: they are one human, or share it.
    """
    command, room = ask.command, ask.room
    learned = command.persons and command.account in room.unsettled
    owners = {ask.names[person.name] for person in command.persons}
    shared = not owners <= set(room.initiators) and any(
        command.account in room.person(name).accounts for name in room.initiators
    )
    if command.account not in room.awaited and not learned and not shared:
        message = f"Nothing in war room {room.id} awaits whose {command.account} is."
        return Refusal(Why.NOTHING_TO_DO, message)
    return _identified(ask, command.account, command.persons)


def name_initiator(ask: Ask[c.NameInitiator]) -> Answer:
    """Somebody knows who is behind an account that is nobody's yet, or somebody's by a word alone.

    The newest word holds. Whoever an earlier one had named stays an initiator.
    """
    command, room = ask.command, ask.room
    accounts = nameable(room.contents.made_by, room.owners, SYSTEM)
    meant = [account for account in accounts if account[: c.ACCOUNT_SHOWN] == command.account]
    if len(meant) != 1:
        message = "Choose one of those of whom it isn't known who they are."
        return Refusal(Why.INVALID, message, "account")
    if not command.persons:
        return Refusal(Why.INVALID, "Choose who that is.", "person")
    answer = _identified(ask, meant[0], command.persons)
    told = room.owners.get(meant[0])
    if told and (told.by, told.names) == (ask.actor, answer[0].names):
        return Refusal(Why.NOTHING_TO_DO, "You have said so already.")
    return answer


def record_channel(ask: Ask[r.RecordChannel]) -> Answer:
    """Once a room."""
    if ask.room.channel:
        return Refusal(Why.NOTHING_TO_DO, "The room has its channel.")
    return (d.ChannelOpened(channel=ask.command.channel),)


def record_card(ask: Ask[r.RecordCard]) -> Answer:
    """Once a room."""
    if ask.room.card:
        return Refusal(Why.NOTHING_TO_DO, "The room has its card.")
    return (d.CardPosted(message=ask.command.message),)


def record_page(ask: Ask[r.RecordPage]) -> Answer:
    """Once a person."""
    command = ask.command
    if command.name in ask.room.pages:
        return Refusal(Why.NOTHING_TO_DO, "That person was paged before.")
    return (
        d.Paged(
            name=command.name,
            message=command.message,
            digest=command.digest,
            listing=command.listing,
        ),
    )


def record_unreachable(ask: Ask[r.RecordUnreachable]) -> Answer:
    """Once a person; while it isn't decided, the next in the order of duty takes over."""
    command, room = ask.command, ask.room
    if command.name in room.unreachable:
        return Refusal(Why.NOTHING_TO_DO, "That person is known to be unreachable.")
    after = room.assignments
    if room.decision is None:
        after = assignments.skip_unreachable(after, command.name, room.unreachable)
    return (d.Unreachable(name=command.name, error=command.error, assignments=after),)


def record_reply(ask: Ask[c.RecordReply]) -> Answer:
    """An initiator's words, where they could be an explanation."""
    name, text, thread = ask.command.name, ask.command.text.strip(), ask.command.thread
    if name not in ask.room.initiators:
        return Refusal(Why.NOTHING_TO_DO, "Only what an initiator replies may be an explanation.")
    return misfit("reply", text) or (e.Replied(name=name, text=text, thread=thread),)


def carry_over(ask: Ask[CarryOver]) -> Answer:
    """Whoever explained it is called as the room knows them."""
    told = ask.command.explanations
    known = tuple(each.but(by=each.by and ask.names.get(each.by, each.by)) for each in told)
    return (e.CarriedOver(explanations=known),)


def _identified(ask: Ask[C], account: str, persons: tuple[Person, ...]) -> tuple[e.Identified]:
    names = tuple(dict.fromkeys(ask.names[person.name] for person in persons))
    told = ask.room.owners.get(account)
    by_word = told.names if told and told.by != SYSTEM and names else ()
    return (
        e.Identified(
            account=account,
            names=names,
            role=ask.acting_role,
            assignments=assignments.without(ask.room.assignments, names),
            instead_of=tuple(name for name in by_word if name not in names),
        ),
    )


def record_success(ask: Ask[c.RecordSuccess]) -> Answer:
    """Once after each failure; what ended before the newest failure is overtaken by it."""
    success, room = ask.command.success, ask.room
    held = (room.violation, *room.contents.newest)
    if any(each.report.key == success.key and each.detected_at > success.at for each in held):
        message = f"{success.check!r} has failed again in war room {room.id} since."
        return Refusal(Why.NOTHING_TO_DO, message)
    if any(each.key == success.key for each in room.successes):
        message = f"War room {room.id} knows that {success.check!r} has succeeded."
        return Refusal(Why.NOTHING_TO_DO, message)
    return (e.CheckSucceeded(success=success),)
