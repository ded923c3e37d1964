"""A verb: what a person can ask of a room, from its button to the command that it gives.

Rules
- Who may is the command's: `bot.domain.access` says it, and it is asked again when it is given.
- A verb acts at once, or has a form that asks for what its command needs to say. It has all of
  its parts, or it can't be made.
- Whoever decides sees what is decided: the form of a verb that decides shows it.
- Action id and callback id are read by scripts outside of the project: they stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain import access
from bot.domain.commands import Command, Deciding
from bot.domain.order import Order
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.text import Block, View
from bot.integrations.slack.verbs.entries import Entries
from bot.storage.store import Store


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A click is all that the command needs.

    `receipt` is what the person is told where the room's card isn't before their eyes.
    """

    command: Command
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContext(About):
    """On which room a form is opened, and for whom, called by their name in it."""

    name: str
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal that asks for what the command needs to say.

    `read` makes the command of what was entered, or raises InvalidInputError. `empty` is the
    command of a form that was sent in empty: what is refused of it for another reason than the
    missing words is refused before anybody has to find them. So is a form with an `obstacle`, a
    reason in mrkdwn why nothing could be chosen in it. `inputs` may ask the store: it is called in
    a thread, and so is `receipt`, which gives the view that takes the modal's place once the
    command has changed the room; None closes it. In the block `human` somebody is chosen who has to
    be a human whom Slack knows.
    """

    callback_id: str
    title: str
    submit: str
    command: type[Order]
    inputs: Callable[[FormContext], list[Block]]
    read: Callable[[Entries, datetime], Command]
    empty: Callable[[FormContext], Command]
    obstacle: Callable[[FormContext], str | None] = lambda _: None
    receipt: Callable[[Entries, Store], View | None] = lambda _entries, _store: None
    human: str | None = None

    @property
    def decides(self) -> bool:
        """Whether its command settles the room."""
        return issubclass(self.command, Deciding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One thing that a person can ask of an open room.

    It stands in the menu, or has a button of its own beside it, in the order of the registry.
    `on_card` says whether the card, which is the same for all, offers it in this state of the
    room; `of_use` whether it is of any use to somebody who may give the command. `label_in` says
    what it is called in a room, where that is not always the same.
    """

    action_id: str
    label: str
    act: AtOnce | Form
    has_button: bool = False
    style: Literal["primary", "danger"] | None = None
    on_card: Callable[[WarRoom], bool] = lambda _: True
    of_use: Callable[[WarRoom, str], bool] = lambda _room, _user: True
    label_in: Callable[[WarRoom], str] | None = None

    @property
    def name(self) -> str:
        """What it is called by: its action id."""
        return self.action_id

    @property
    def command(self) -> type[Order]:
        """The kind of command that it gives, whose rights are the verb's."""
        return self.act.command if isinstance(self.act, Form) else type(self.act.command)

    def called_in(self, room: WarRoom) -> str:
        """What it is called in this state of the room."""
        return self.label_in(room) if self.label_in else self.label

    def usable_by(self, room: WarRoom, name: str) -> bool:
        """Whether somebody may give the command in `room`, and has any use for it."""
        return access.acting_role(room, name, self.command) is not None and self.of_use(room, name)


Verbs = tuple[Verb, ...]


def with_shown_count(command: Command, shown_count: int) -> Command:
    """`command`; one that decides says how many violations whoever decides was shown."""
    if isinstance(command, Deciding):
        return command.but(shown_count=shown_count)
    return command
