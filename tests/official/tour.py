"""Every method of the local Slack once, and everything that people do of which an app hears.

It is for the shapes of answers and events: what each of them does is the business of
`tests/local_slack`.
"""

import re
from collections.abc import Iterable

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.local_slack import SlackCall
from tests.build import ADA, BOT, JUDE, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    app_for,
    asking,
    button,
    listening,
    local,
    modal,
    refusal,
    section,
)
from tests.local_slack.uploading import PNG

EVENTS = (
    *(f"message.{kind}" for kind in ("channels", "groups", "im")),
    *(f"channel_{what}" for what in ("archive", "rename", "unarchive")),
    *(f"group_{what}" for what in ("archive", "rename", "unarchive")),
    *(f"member_{what}_channel" for what in ("joined", "left")),
    *(f"{what}_{change}" for what in ("pin", "reaction") for change in ("added", "removed")),
    "app_home_opened",
    "app_mention",
)
FIELDS = [{"id": "Xf0GITHUB", "label": "GitHub"}]
GROUPS = [{"id": "S0LEGAL", "handle": "legal", "users": [JUDE]}]


async def toured() -> list[SlackCall]:
    """The log of calls after the tour, once each event has come."""
    async with (
        local(events=EVENTS, profile_fields=FIELDS, usergroups=GROUPS) as here,
        listening(here, _app(here)),
    ):
        await _ask_who_is_there(here)
        await _say_things(here)
        await _show_figures(here)
        await _keep_a_channel(here)
        await _show_views(here)
        await _act_as_people(here)
        return list(await here.people.wait_until(here.people.calls, _all_heard))


def _all_heard(calls: Iterable[SlackCall]) -> bool:
    return {name.partition(".")[0] for name in EVENTS} <= {call.method for call in calls}


def _app(here: Local) -> AsyncApp:
    app = app_for(here)

    @app.event(re.compile(".*"))
    async def on_event() -> None:
        """It is enough that it comes."""

    @app.command("/tour")
    async def on_command(ack: AsyncAck, body: Json) -> None:
        await ack()
        form = modal(asking("why"), callback_id="form", private_metadata="1")
        shown = (await here.client.views_open(trigger_id=body["trigger_id"], view=form))["view"]
        await here.client.views_update(view_id=shown["id"], hash=shown["hash"], view=form)

    @app.view("form")
    async def on_form(ack: AsyncAck) -> None:
        await ack(response_action="update", view=modal(actions(button("push"))))

    @app.action("push")
    async def on_push(ack: AsyncAck, body: Json) -> None:
        await here.client.views_push(trigger_id=body["trigger_id"], view=modal())
        await ack()

    return app


async def _ask_who_is_there(here: Local) -> None:
    client = here.client
    await client.api_test()
    await client.apps_connections_open(app_token=here.slack.config.app_token)
    me = await client.auth_test()
    await client.bots_info(bot=me["bot_id"])
    await client.team_info()
    await client.team_profile_get()
    await client.users_list(limit=2)
    await client.users_info(user=ADA)
    await client.users_profile_get(user=ADA)
    await client.users_lookupByEmail(email="ada@acme.test")
    await client.users_conversations(user=ADA)
    await client.usergroups_list(include_users=True)
    await client.usergroups_users_list(usergroup="S0LEGAL")


async def _say_things(here: Local) -> None:
    client, channel = here.client, await here.room(ADA, name="talk")
    blocks = [section("A card"), actions(button("go"))]
    metadata = {"event_type": "card", "event_payload": {"number": 1}}
    ts = (
        await client.chat_postMessage(
            channel=channel, text="A card", blocks=blocks, metadata=metadata
        )
    )["ts"]
    await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    await client.reactions_get(channel=channel, timestamp=ts)
    await client.reactions_remove(channel=channel, timestamp=ts, name="eyes")
    await client.pins_add(channel=channel, timestamp=ts)
    await client.pins_list(channel=channel)
    await client.pins_remove(channel=channel, timestamp=ts)
    await client.chat_update(channel=channel, ts=ts, text="Another", blocks=[section("Another")])
    await client.chat_postEphemeral(channel=channel, user=ADA, text="For you")
    reply = (await client.chat_postMessage(channel=channel, text="So", thread_ts=ts))["ts"]
    await client.chat_update(channel=channel, ts=reply, text="So it is")
    await client.chat_getPermalink(channel=channel, message_ts=ts)
    await client.files_upload_v2(channel=channel, filename="leaf.png", content=PNG)
    await client.conversations_replies(channel=channel, ts=ts)
    await client.conversations_history(channel=channel, include_all_metadata=True)
    await client.conversations_mark(channel=channel, ts=ts)
    await client.chat_delete(channel=channel, ts=reply)


async def _show_figures(here: Local) -> None:
    cups = [{"label": "Assam", "value": 2}, {"label": "Darjeeling", "value": 1}]
    axis = {"categories": [cup["label"] for cup in cups], "y_label": "Cups"}
    charts: list[Json] = [
        {"type": "pie", "segments": cups},
        {"type": "bar", "series": [{"name": "Today", "data": cups}], "axis_config": axis},
    ]
    drawn = [{"type": "data_visualization", "title": "Cups", "chart": chart} for chart in charts]
    rows = [[{"type": "raw_text", "text": cup["label"]}] for cup in cups]
    table = {"type": "data_table", "caption": "Teas", "rows": rows, "page_size": 5}
    await here.client.chat_postMessage(channel=ADA, text="Figures", blocks=[*drawn, table])


async def _keep_a_channel(here: Local) -> None:
    client, channel = here.client, await here.room(ADA, VAL, name="kept", private=False)
    await client.conversations_kick(channel=channel, user=VAL)
    await client.conversations_setTopic(channel=channel, topic="Tea")
    await client.conversations_setPurpose(channel=channel, purpose="To drink it")
    await client.conversations_rename(channel=channel, name="tea")
    place = {"channel_id": channel, "title": "The house", "link": "https://tea.test"}
    mark = (await client.bookmarks_add(**place, type="link"))["bookmark"]["id"]
    await client.bookmarks_edit(channel_id=channel, bookmark_id=mark, title="Home")
    await client.conversations_info(channel=channel, include_num_members=True)
    await client.conversations_members(channel=channel)
    await client.conversations_list(types="public_channel,private_channel,im")
    await client.conversations_open(users=[ADA], return_im=True)
    await client.conversations_join(channel="C0GENERAL")
    await client.conversations_archive(channel=channel)
    await refusal(client.conversations_unarchive(channel=channel))
    await client.conversations_leave(channel=await here.room(ADA, name="left"))


async def _show_views(here: Local) -> None:
    view = {"type": "home", "blocks": [section("At home")]}
    await here.client.views_publish(user_id=ADA, view=view)
    await here.people.open_home(user=ADA)
    await here.people.command(user=ADA, channel="general", text="/tour")
    form = await here.people.wait_for_modal(user=ADA, callback_id="form")
    await here.people.submit(user=ADA, view_id=form.id, values={"why": "because"})
    await here.people.click(user=ADA, view_id=form.id, action_id="push")


async def _act_as_people(here: Local) -> None:
    for private in (False, True):
        channel = await here.room(ADA, VAL, name=f"act-{private}".lower(), private=private)
        said = await here.people.post(user=ADA, channel=channel, text=f"<@{BOT}> hello")
        for _ in range(2):
            await here.people.react(user=VAL, channel=channel, ts=said.ts, name="eyes")
        await here.people.leave(user=VAL, channel=channel)
        await here.people.rename(user=ADA, channel=channel, name=f"acted-{private}".lower())
        for archived in (True, False):
            await here.people.archive(user=ADA, channel=channel, archived=archived)
    await here.people.post(user=ADA, channel=BOT, text="to you alone")
