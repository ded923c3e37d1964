"""A newer version of the bot, which weighs each violation: what an older one knows nothing of.

It writes a field in a room and in an event, an event, an effect, a timer and a load of the
configuration of kinds and names that are new; and whoever approves accepts a risk.
"""

from tests.copied import WEIGHED, Edit

NOTE = "weighed on arrival"
ACCEPTED = "risk_accepted"

EVENTS = (
    *WEIGHED,
    Edit(
        "domain/events.py",
        "    is_storm: bool = False\n",
        "    is_storm: bool = False\n    note: str | None = None\n",
    ),
)
ROOM = (
    Edit(
        "domain/war_room.py",
        "    split_off: int = 0\n",
        "    split_off: int = 0\n    note: str | None = None\n    weighed: int = 0\n",
    ),
    Edit(
        "domain/fold.py",
        "        is_storm=event.is_storm,\n",
        "        is_storm=event.is_storm,\n        note=event.note,\n",
    ),
    Edit(
        "domain/fold.py",
        "        case e.Acknowledged() | e.Closed() | e.Replied():",
        """        case e.Weighed():
            return room.but(weighed=room.weighed + 1)
        case e.Acknowledged() | e.Closed() | e.Replied():""",
    ),
)
LIFE = (
    Edit(
        "domain/commands.py",
        "Command = (\n    Join",
        'class Weigh(Order):\n    verb = "weigh"\n\n\nCommand = (\n    Weigh\n    | Join',
    ),
    Edit(
        "domain/handlers.py",
        "def acknowledge(",
        "def weigh(ask):\n    return (e.Weighed(grams=7),)\n\n\ndef acknowledge(",
    ),
    Edit(
        "domain/lifecycle.py",
        "    **_row(c.Join,",
        "    **_row(c.Weigh, handlers.weigh, *_ANY_TIME),\n    **_row(c.Join,",
    ),
    Edit(
        "domain/lifecycle.py",
        "        key=key,\n",
        f'        key=key,\n        note="{NOTE}",\n',
    ),
    Edit(
        "domain/lifecycle.py",
        "    return Step(evolve(None, recorded), (recorded,))",
        """    first = evolve(None, recorded)
    event = e.Weighed(grams=3)
    second = Recorded(seq=2, at=now, actor=SYSTEM, event=event, state=State.OPEN)
    return Step(evolve(first, second), (recorded, second))""",
    ),
)
TIMER = (
    Edit(
        "domain/lifecycle.py",
        "    return (timer,) if timer else ()",
        """    again = (Timer("weigh", room.opened_at),) if room.weighed == 1 else ()
    return (*again, timer) if timer else again""",
    ),
    Edit(
        "domain/lifecycle.py", "    timers=ladder.TIMERS,", '    timers=ladder.TIMERS | {"weigh"},'
    ),
    Edit(
        "domain/lifecycle.py",
        "    command = ladder.due_command(",
        """    if room.weighed == 1:
        return c.Weigh(), BY_SYSTEM
    command = ladder.due_command(""",
    ),
)
EFFECT = (
    Edit(
        "integrations/callback/follow.py",
        "Revoked: revoked}",
        """Revoked: revoked}
from bot.domain.events import Opened

FOLLOW = {**FOLLOW, Opened: lambda event, change: (Effect(kind="ring", lane="ring"),)}""",
    ),
    Edit(
        "integrations/callback/kinds.py",
        "KINDS = (CALLBACK, CALLBACKS)",
        """async def _ring(through, effect, room):
    return ()


RING = EffectKind(
    name="ring", destination=RECEIVERS, urgency=Urgency.NEWS, deliver=_ring
)
KINDS = (CALLBACK, CALLBACKS, RING)""",
    ),
)
CONFIGURATION = (
    Edit(
        "domain/configuration.py",
        "class PersonRemoved(Happened):",
        """class Checked(Happened):
    kind: Literal["checked"] = "checked"


class PersonRemoved(Happened):""",
    ),
    Edit(
        "domain/configuration.py",
        "    return [loaded, *people]",
        "    return [loaded, *people, Checked()]",
    ),
    Edit(
        "domain/configuration.py",
        "        case Unknown():",
        "        case Checked() | Unknown():",
    ),
    Edit(
        "domain/configuration.py",
        "    events=(ConfigurationLoaded,",
        "    events=(Checked, ConfigurationLoaded,",
    ),
)
OUTCOME = (
    Edit(
        "domain/war_room.py",
        '    EXPIRED = "expired"\n',
        f'    EXPIRED = "expired"\n    RISK_ACCEPTED = "{ACCEPTED}"\n',
    ),
    Edit(
        "domain/war_room.py",
        "allows = (Outcome.APPROVED,",
        "allows = (Outcome.RISK_ACCEPTED, Outcome.APPROVED,",
    ),
    Edit(
        "domain/decisions.py",
        "_allowed(ask, Outcome.APPROVED,",
        "_allowed(ask, Outcome.RISK_ACCEPTED,",
    ),
    Edit(
        "integrations/slack/show/decision.py",
        '    Outcome.APPROVED: "Approved",\n',
        '    Outcome.APPROVED: "Approved",\n    Outcome.RISK_ACCEPTED: "Risk accepted",\n',
    ),
)
NEWER = (*EVENTS, *ROOM, *LIFE, *TIMER, *EFFECT, *CONFIGURATION, *OUTCOME)
