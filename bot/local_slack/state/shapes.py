"""How the things of the workspace look in the answers and payloads of Slack."""

from urllib.parse import quote

from bot.local_slack.config import LocalSlackConfig, Member, Usergroup
from bot.local_slack.state.records import Channel, ChannelKind, File, Json, Message, View


def channel_shape(channel: Channel, viewer: str) -> Json:
    """A conversation as `viewer` sees it."""
    base: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.kind is ChannelKind.IM,
        "is_org_shared": False,
    }
    if channel.kind is ChannelKind.IM:
        partner = next((m for m in channel.members if m != viewer), channel.name)
        return {**base, "user": partner, "is_open": True}
    mpim = channel.kind is ChannelKind.MPIM
    return {
        **base,
        "name": channel.name,
        "is_channel": not mpim,  # private ones too; only those from before 2021 are groups
        "is_group": mpim,
        "is_mpim": mpim,
        "is_private": not channel.is_public,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_general": channel.general,
        "is_member": viewer in channel.members,
        "is_shared": False,
        "is_ext_shared": False,
        "unlinked": 0,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "previous_names": channel.previous_names,
    }


def message_shape(message: Message, config: LocalSlackConfig, *, metadata: bool = False) -> Json:
    """A message; its metadata only when asked for."""
    shape: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": config.team_id,
    }
    if message.from_bot:
        shape |= {"bot_id": config.bot_id, "app_id": config.app_id}
    optional = {
        "subtype": message.subtype,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": message.files,
        "thread_ts": message.thread_ts,
        "edited": {"user": message.user, "ts": message.edited} if message.edited else None,
        "reactions": [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ],
        "metadata": message.metadata if metadata else None,
    }
    return shape | message.details | {name: value for name, value in optional.items() if value}


def pin_shape(channel: Channel, message: Message, pin: Json, config: LocalSlackConfig) -> Json:
    """A message that is or was pinned, with who did that and when."""
    said = message_shape(message, config) | {"permalink": permalink(channel, message.ts, config)}
    return {"type": "message", "channel": channel.id, "message": said, **pin}


def permalink(channel: Channel, ts: str, config: LocalSlackConfig) -> str:
    """Where a message is, for whoever may see it."""
    return f"https://{config.team_domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"


def file_shape(file: File, config: LocalSlackConfig, base_url: str, *, public: bool) -> Json:
    """A file, with its addresses on the server at `base_url`."""
    name = quote(file.name, safe="")
    shape = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user,
        "user_team": config.team_id,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": public,
        "url_private": f"{base_url}/files/{file.id}/{name}",
        "url_private_download": f"{base_url}/files/{file.id}/download/{name}",
        "permalink": f"https://{config.team_domain}.slack.com/files/{file.user}/{file.id}/{name}",
    }
    return {**shape, "alt_txt": file.alt_text} if file.alt_text else shape


def user_shape(person: Member, config: LocalSlackConfig, *, with_email: bool) -> Json:
    """A member; the address only for who may read it."""
    is_bot = person.bot or person.id == config.bot_user_id
    team_id = person.team_id or config.team_id
    profile: Json = {
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "team": team_id,
    }
    if person.email and with_email:
        profile["email"] = person.email
    shape: Json = {
        "id": person.id,
        "team_id": team_id,
        "name": person.name,
        "deleted": person.deactivated,
        "profile": profile,
        "is_bot": is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if person.deactivated:
        return shape
    return shape | {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": 0,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
    }


def usergroup_shape(group: Usergroup, config: LocalSlackConfig, *, with_users: bool) -> Json:
    """A user group; its members only when asked for."""
    shape: Json = {
        "id": group.id,
        "team_id": config.team_id,
        "is_usergroup": True,
        "name": group.name or group.handle,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return {**shape, "users": list(group.users)} if with_users else shape


def view_shape(view: View, config: LocalSlackConfig) -> Json:
    """A modal or home tab, with what is entered in it."""
    return {
        **view.body,
        "id": view.id,
        "team_id": config.team_id,
        "app_id": config.app_id,
        "app_installed_team_id": config.team_id,
        "bot_id": config.bot_id,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "state": {"values": view.entered},
    }
