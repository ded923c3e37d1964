"""users.*, usergroups.* and team.*: who is there, and what their profiles say.

Custom fields of a profile are in `users.profile.get` alone, one person a call.
"""

from bot.local_slack.config import Member
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json
from bot.local_slack.state.shapes import user_shape, usergroup_shape
from bot.local_slack.webapi.cursors import page
from bot.local_slack.webapi.method import Call, Method, everywhere, words
from bot.local_slack.webapi.rates import Tier


def _shape(call: Call, person: Member) -> Json:
    config = call.workspace.config
    return user_shape(person, config, with_email="users:read.email" in config.scopes)


def _by_email(call: Call) -> Json:
    return {"user": _shape(call, call.workspace.directory.by_email(call.args.text("email")))}


def _info(call: Call) -> Json:
    return {"user": _shape(call, call.workspace.directory.person(call.args.text("user")))}


def _list(call: Call) -> Json:
    shown, metadata = page(call.workspace.directory.everybody(), call.args)
    members = [_shape(call, person) for person in shown]
    return {"members": members, "cache_ts": 0, "response_metadata": metadata}


def _profile(call: Call) -> Json:
    """One person's profile; its custom fields are a list where there are none."""
    person = call.workspace.directory.person(call.args.text("user") or call.bot)
    profile: Json = _shape(call, person)["profile"]
    fields: Json = {key: {"value": value, "alt": ""} for key, value in person.fields.items()}
    if call.args.flag("include_labels"):
        labels = {field.id: field.label for field in call.workspace.config.profile_fields}
        fields = {key: {**value, "label": labels[key]} for key, value in fields.items()}
    return {"profile": {**profile, "fields": fields or []}}


def _profile_fields(call: Call) -> Json:
    fields = [
        {
            "id": field.id,
            "ordering": number,
            "field_name": field.label.lower(),
            "label": field.label,
            "hint": "",
            "type": "text",
            "possible_values": None,
            "options": {"is_scim": False, "is_protected": False},
            "is_hidden": False,
        }
        for number, field in enumerate(call.workspace.config.profile_fields)
    ]
    return {"profile": {"fields": fields}}


def _groups(call: Call) -> Json:
    wanted = call.args.flag("include_users")
    groups = call.workspace.directory.usergroups
    config = call.workspace.config
    return {"usergroups": [usergroup_shape(g, config, with_users=wanted) for g in groups]}


def _group_members(call: Call) -> Json:
    wanted = call.args.text("usergroup")
    for group in call.workspace.directory.usergroups:
        if group.id == wanted:
            return {"users": list(group.users)}
    raise SlackError("no_such_subteam")


def _team(call: Call) -> Json:
    config = call.workspace.config
    if call.args.optional("team") not in (None, config.team_id):
        raise SlackError("team_not_found")
    if call.args.has("domain") and not call.args.has("team"):
        raise SlackError("team_not_on_enterprise")
    domain = config.team_domain
    team = {"id": config.team_id, "name": config.team_name, "domain": domain, "email_domain": ""}
    return {
        "team": {**team, "url": f"https://{domain}.slack.com/", "icon": {"image_default": True}}
    }


_USERS, _GROUPS = everywhere("users:read"), everywhere("usergroups:read")
_PROFILES = everywhere("users.profile:read")

METHODS = (
    Method(
        "users.lookupByEmail",
        _by_email,
        Tier.T3,
        everywhere("users:read.email"),
        ("email",),
        {"email": "users_not_found"},
        errors=words("users_not_found"),
        json_body=False,
    ),
    Method(
        "users.info",
        _info,
        Tier.T4,
        _USERS,
        ("user",),
        {"user": "user_not_found"},
        optional=words("include_locale"),
        errors=words("user_not_found"),
        json_body=False,
    ),
    Method(
        "users.list",
        _list,
        Tier.T2,
        _USERS,
        optional=words("cursor include_locale limit team_id"),
        errors=words("invalid_cursor invalid_limit"),
        json_body=False,
    ),
    Method(
        "users.profile.get",
        _profile,
        Tier.T4,
        _PROFILES,
        optional=words("include_labels user"),
        errors=words("user_not_found"),
        json_body=False,
    ),
    Method(
        "team.profile.get",
        _profile_fields,
        Tier.T3,
        _PROFILES,
        optional=words("visibility"),
        json_body=False,
    ),
    Method(
        "usergroups.list",
        _groups,
        Tier.T2,
        _GROUPS,
        optional=words("include_count include_disabled include_users team_id"),
        json_body=False,
    ),
    Method(
        "usergroups.users.list",
        _group_members,
        Tier.T2,
        _GROUPS,
        ("usergroup",),
        optional=words("include_disabled team_id"),
        errors=words("no_such_subteam"),
        json_body=False,
    ),
    Method(
        "team.info",
        _team,
        Tier.T3,
        everywhere("team:read"),
        optional=words("domain team"),
        errors=words("team_not_found team_not_on_enterprise"),
    ),
)
