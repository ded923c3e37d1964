"""users.* and usergroups.*: who is there."""

from bot.sandbox.config import Person
from bot.sandbox.errors import SlackError
from bot.sandbox.state.records import Json
from bot.sandbox.state.shapes import user_shape, usergroup_shape
from bot.sandbox.webapi.method import Call, Method, Tier, everywhere
from bot.sandbox.webapi.paging import page


def _shape(call: Call, person: Person) -> Json:
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


_USERS, _GROUPS = everywhere("users:read"), everywhere("usergroups:read")

METHODS = (
    Method(
        "users.lookupByEmail",
        _by_email,
        Tier.T3,
        everywhere("users:read.email"),
        ("email",),
        {"email": "users_not_found"},
    ),
    Method("users.info", _info, Tier.T4, _USERS, ("user",), {"user": "user_not_found"}),
    Method("users.list", _list, Tier.T2, _USERS),
    Method("usergroups.list", _groups, Tier.T2, _GROUPS),
    Method("usergroups.users.list", _group_members, Tier.T2, _GROUPS, ("usergroup",)),
)
