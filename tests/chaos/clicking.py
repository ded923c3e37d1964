"""People in the local Slack: they press real buttons, choose in real menus, fill in real modals.

Rules
- Slack doesn't deliver a click twice: where the bot did not acknowledge, the person sees an error
  and tries again a moment later.
- An acknowledged decision is kept with its time: by then the room has to be decided, by that click
  or by whoever was first.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from bot.domain.channel_names import is_channel_of
from bot.integrations.slack.hear.answers import AWAY
from bot.local_slack import (
    BotAnswer,
    Clicked,
    LocalSlackConfig,
    People,
    RefusedError,
    SlackMessage,
    SlackView,
)
from tests.chaos.pipelines import Accepted, Pipelines
from tests.chaos.plan import Click, Plan, Send
from tests.chaos.replicas import until

TRIES = 8
BOT = LocalSlackConfig().bot_user_id
WORDS = {
    "approve": {"reason": "The data set is synthetic."},
    "override": {
        "justification": "The risk is known, covered by a contract, and reviewed on Monday.",
        "category": "waiver",
        "validity": "1d",
    },
    "reject": {"reason": "This may not be used for it."},
    "dismiss": {"reason": "The finding is wrong."},
    "withdraw": {},
}
BUTTONS = frozenset({"ack", "approve", "override"})


class UnheardError(Exception):
    """The bot did not acknowledge, or no modal opened: the person tries again."""


@dataclass(frozen=True, slots=True)
class Acked:
    """A decision that the bot acknowledged at `at` (Unix time)."""

    room_id: str
    user: str
    action: str
    at: float


@dataclass
class Crowd:
    """Everybody who clicks."""

    people: People
    pipelines: Pipelines
    seed: int
    acked: list[Acked] = field(default_factory=list)
    clicked: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    _desks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _channels: dict[str, str] = field(default_factory=dict)

    async def act(self, plan: Plan) -> None:
        """Return when everybody has clicked, or given up."""
        async with asyncio.TaskGroup() as tasks:
            for send in plan.sends:
                for number, click in enumerate(send.clicks):
                    chance = random.Random(f"{self.seed}/again/{send.delivery}/{number}")
                    tasks.create_task(self._click(send, click, chance))

    async def _click(self, send: Send, click: Click, chance: random.Random) -> None:
        answer = await asyncio.shield(self.pipelines.accepted[send.delivery])
        await until(answer.at + click.after)
        for _ in range(TRIES):
            try:
                await self._try(click, answer)
            except UnheardError as error:
                failure = str(error)
            except RefusedError as error:
                if self.pipelines.verdicts.get(answer.violation_id, "pending") != "pending":
                    return  # decided meanwhile: the button is not there any more
                failure = error.error
            except httpx.HTTPError as error:
                failure = type(error).__name__
            else:
                return
            self.failures[failure] += 1
            await asyncio.sleep(chance.uniform(0.3, 1.2))

    async def _try(self, click: Click, answer: Accepted) -> None:
        """Once; RefusedError where there is nothing to click on, UnheardError without an ack."""
        if click.action not in WORDS:
            _heard((await self._press(click, answer)).answer)
            return
        async with self._desks.setdefault(click.user, asyncio.Lock()):
            await self._clear(click.user)
            _heard((await self._press(click, answer)).answer)
            await self._fill_in(click, answer)

    async def _press(self, click: Click, answer: Accepted) -> Clicked:
        """By its button, or by its choice in the room's menu."""
        self.clicked += 1
        room_id, verb = answer.room_id, click.action
        action_id, value = (verb, None) if verb in BUTTONS else ("more", f"{verb}:{room_id}")
        channel = BOT if click.direct else await self._channel(room_id)
        ts = await self._page(click.user, value or room_id, action_id) if click.direct else None
        return await self.people.click(
            user=click.user, channel=channel, action_id=action_id, ts=ts, value=value
        )

    async def _channel(self, room_id: str) -> str:
        if room_id not in self._channels:
            for each in (await self.people.state()).channels:
                if is_channel_of(each.name, room_id):
                    self._channels[room_id] = each.id
        if room_id not in self._channels:
            raise RefusedError("no_channel_yet", f"there is no channel of {room_id}")
        return self._channels[room_id]

    async def _page(self, user: str, value: str, action_id: str) -> str:
        """The newest direct message that offers just this."""
        found = await self.people.look("messages", user=user, channel=BOT)
        for raw in reversed(found["messages"]):
            message = SlackMessage.model_validate(raw)
            if action_id in message.action_ids and f"'value': '{value}'" in str(raw["blocks"]):
                return message.ts
        raise RefusedError("no_page_yet", f"{user} has no page with {value}")

    async def _clear(self, user: str) -> None:
        if open_views := (await self.people.look("views", user=user))["views"]:
            top = open_views[-1]["id"]
            await self.people.close(user=user, view_id=top, everything=True)

    async def _fill_in(self, click: Click, answer: Accepted) -> None:
        modal = f"{click.action}_modal"
        view = await self._top(click.user)
        if view is None:
            raise UnheardError("no modal opened")
        if view.callback_id != modal:
            return  # refused in words
        words = WORDS[click.action]
        done = await self.people.submit(user=click.user, view_id=view.id, values=words)
        _heard(done.answer)
        if done.outcome not in ("closed", "updated"):
            raise UnheardError(f"submission {done.outcome}")
        shown = await self._top(click.user)
        if shown is not None and shown.callback_id == modal:
            raise UnheardError("more joined")  # it is shown anew, and nothing is decided
        if shown is not None and AWAY in shown.words:
            raise UnheardError("told to try again")  # where a form has no input to say it beside
        self.acked.append(Acked(answer.room_id, click.user, click.action, time.time()))

    async def _top(self, user: str) -> SlackView | None:
        views = (await self.people.look("views", user=user))["views"]
        return SlackView.model_validate(views[-1]) if views else None


def _heard(answer: BotAnswer | None) -> None:
    if answer is None or not answer.acked:
        raise UnheardError(f"click {answer.error if answer else 'not delivered'}")
