"""The payloads of commands and interactions, in Slack's shape."""

from bot.local_slack.state.core import Core
from bot.local_slack.state.records import Channel, ChannelKind, Json, Message, View
from bot.local_slack.state.shapes import message_shape, view_shape
from bot.local_slack.state.workspace import Workspace

_SHOWN_NAMES = {ChannelKind.PRIVATE: "privategroup", ChannelKind.IM: "directmessage"}


class Payloads:
    """Builds what the bot gets when a person does something."""

    def __init__(self, workspace: Workspace, base_url: str) -> None:
        self._workspace = workspace
        self._config = workspace.config
        self._base_url = base_url

    def message_action(self, user: str, channel: Channel, message: Message, action: Json) -> Json:
        """`block_actions` from a message."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.only_for is not None,
        }
        if message.thread_ts is not None:
            container["thread_ts"] = message.thread_ts
        number = _attachment(message, action["block_id"])
        if number is not None:
            container |= {"type": "message_attachment", "attachment_id": number}
        return {
            **self._interaction("block_actions", user),
            "container": container,
            "channel": _named(channel),
            "message": message_shape(message, self._config),
            "state": {"values": message.entered.get(user, {})},
            "response_url": self.response_url(user, channel.id, message.ts),
            "actions": [action],
        }

    def shortcut(self, user: str, callback_id: str) -> Json:
        """`shortcut`: a global one."""
        payload = self._interaction("shortcut", user)
        del payload["api_app_id"]
        return {**payload, "callback_id": callback_id, "action_ts": self._workspace.core.new_ts()}

    def message_shortcut(
        self, user: str, callback_id: str, channel: Channel, message: Message
    ) -> Json:
        """`message_action`: a shortcut on a message."""
        return {
            **self.shortcut(user, callback_id),
            "type": "message_action",
            "channel": _named(channel),
            "message": message_shape(message, self._config),
            "message_ts": message.ts,
            "response_url": self.response_url(user, channel.id, None),
        }

    def view_action(self, user: str, view: View, action: Json) -> Json:
        """`block_actions` from a modal or the home tab."""
        return {
            **self._interaction("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "view": view_shape(view, self._config),
            "actions": [action],
        }

    def submission(self, user: str, view: View) -> Json:
        """`view_submission`."""
        return {
            **self._interaction("view_submission", user),
            "view": view_shape(view, self._config),
            "response_urls": self._response_urls(user, view),
        }

    def closed(self, user: str, view: View, *, cleared: bool) -> Json:
        """`view_closed`."""
        payload = self._interaction("view_closed", user)
        del payload["trigger_id"]
        return {**payload, "view": view_shape(view, self._config), "is_cleared": cleared}

    def command(self, user: str, channel: Channel, command: str, text: str) -> Json:
        """A slash command, as form fields."""
        config = self._config
        return {
            "token": config.verification_token,
            "team_id": config.team_id,
            "team_domain": config.team_domain,
            "channel_id": channel.id,
            "channel_name": _named(channel)["name"],
            "user_id": user,
            "user_name": self._workspace.directory.person(user).name,
            "command": command,
            "text": text,
            "api_app_id": config.app_id,
            **({} if config.enterprise_id is None else {"enterprise_id": config.enterprise_id}),
            "is_enterprise_install": "true" if config.enterprise_install else "false",
            "response_url": self.response_url(user, channel.id, None),
            "trigger_id": self._workspace.tickets.new_trigger(user),
        }

    def response_url(self, user: str, channel: str, ts: str | None) -> str:
        """A new response URL for what the user has just done."""
        response = self._workspace.tickets.new_response(user, channel, ts)
        return f"{self._base_url}/response/{response}"

    def _interaction(self, kind: str, user: str) -> Json:
        config, person = self._config, self._workspace.directory.person(user)
        return {
            "type": kind,
            "user": {
                "id": user,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id or config.team_id,
            },
            "api_app_id": config.app_id,
            "token": config.verification_token,
            "trigger_id": self._workspace.tickets.new_trigger(user),
            "team": self._team(),
            "enterprise": self._enterprise(),
            "is_enterprise_install": config.enterprise_install,
        }

    def _team(self) -> Json | None:
        config = self._config
        if config.enterprise_install:
            return None
        return {"id": config.team_id, "domain": config.team_domain}

    def _enterprise(self) -> Json | None:
        enterprise = self._config.enterprise_id
        return None if enterprise is None else {"id": enterprise, "name": enterprise}

    def _response_urls(self, user: str, view: View) -> list[Json]:
        found = []
        for block in view.blocks:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            place = {"block_id": block["block_id"], "action_id": element["action_id"]}
            entered = view.entered[place["block_id"]][place["action_id"]]
            chosen = entered.get("selected_conversation") or entered.get("selected_channel")
            if chosen:
                url = self.response_url(user, chosen, None)
                found.append({**place, "channel_id": chosen, "response_url": url})
        return found


def action_of(core: Core, block: Json, element: Json, entered: Json | None) -> Json:
    """The entry in `actions`: the element, and what was chosen in it."""
    kept = ("action_id", "type", "text", "value", "style", "placeholder", "url")
    action = {name: element[name] for name in kept if name in element}
    return {**action, **(entered or {}), "block_id": block["block_id"], "action_ts": core.new_ts()}


def _attachment(message: Message, block_id: str) -> int | None:
    """The number of the attachment that the block stands in; None: the message's own."""
    for attachment in message.attachments:
        if any(block["block_id"] == block_id for block in attachment.get("blocks", [])):
            return int(attachment["id"])
    return None


def _named(channel: Channel) -> Json:
    return {"id": channel.id, "name": _SHOWN_NAMES.get(channel.kind, channel.name)}
