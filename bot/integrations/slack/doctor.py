"""Slack as the bot would find it: token, scopes, Socket Mode, the people it has to page."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.count import counted
from bot.domain.person import Person
from bot.domain.policy import Policy, Role, Roster, UnknownInitiator
from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.finding import Finding, Level, error, ok, warning
from bot.integrations.slack.accounts import BOT, Accounts, account_of
from bot.integrations.slack.deliver.failures import SlackFailure, error_name
from bot.integrations.slack.scopes import SCOPES
from bot.integrations.slack.user_groups import Answer, UserGroups
from bot.outbox.delivery import PassingError
from bot.policies.load import Config
from bot.settings import Settings

SIGNING_SECRET_LENGTH = 32
TOKEN_MEND = "OAuth & Permissions → Bot User OAuth Token (xoxb-…) into SLACK_BOT_TOKEN."  # noqa: S105 - advice
REINSTALL = "Add the scope in the app's manifest and install the app again."


async def _examine(settings: Settings, config: Config | None) -> list[Finding]:
    """Whether the bot can work with Slack as it is set up; Slack itself is asked."""
    token = settings.slack_bot_token.get_secret_value()
    findings = list(_signing_secret(settings))
    if not token:
        return [*findings, error("SLACK_BOT_TOKEN", "not set", TOKEN_MEND)]
    client = AsyncWebClient(token=token, base_url=settings.api_url, timeout=10)
    try:
        answer = await client.auth_test()
    except SlackFailure as wrong:
        if isinstance(wrong, SlackApiError):
            says = f"Slack says {error_name(wrong)}"
            return [*findings, error("SLACK_BOT_TOKEN", says, TOKEN_MEND)]
        message = f"{settings.api_url} can't be reached"
        return [*findings, error("Slack", message, "Check the network and SLACK_API_URL.")]
    findings.append(ok("SLACK_BOT_TOKEN", f"{answer.get('user')} in {answer.get('team')}"))
    findings += _scopes(
        answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes")
    )
    findings.append(await _app(client, str(answer.get("bot_id"))))
    if settings.socket_mode:
        findings.append(await _socket(client, settings))
    if config:
        people = config.people.people.values()
        unfit = {who.name: found for who in people if (found := await _person(client, who))}
        known = ok("people", f"Slack knows {len(people) - len(unfit)} of {len(people)}")
        findings += [*unfit.values(), known]
        gone = {name for name, found in unfit.items() if found.level is Level.ERROR}
        findings += await Deciders(client, config, gone).findings()
    return findings


def _signing_secret(settings: Settings) -> Iterable[Finding]:
    secret = settings.slack_signing_secret.get_secret_value()
    if settings.socket_mode:
        yield ok("Socket Mode", "SLACK_APP_TOKEN is set: no signing secret and no address needed")
        return
    where = "Basic Information → App Credentials → Signing Secret"
    if not secret:
        yield error("SLACK_SIGNING_SECRET", "not set", f"{where} into SLACK_SIGNING_SECRET.")
    elif len(secret) != SIGNING_SECRET_LENGTH or not set(secret) <= set("0123456789abcdef"):
        yield warning(
            "SLACK_SIGNING_SECRET", "does not look like Slack's 32 hex digits", f"See {where}."
        )
    else:
        yield ok("SLACK_SIGNING_SECRET", "well formed")
    if not settings.public_url.startswith("https://"):
        mend = (
            "Set WARROOM_PUBLIC_URL to the https address in the app's manifest, or use Socket Mode."
        )
        yield warning("WARROOM_PUBLIC_URL", f"Slack can't reach {settings.public_url}", mend)


def _scopes(header: str | None) -> Iterable[Finding]:
    if header is None:
        return
    given = {scope.strip() for scope in header.split(",")}
    missing = [scope for scope in SCOPES if scope not in given]
    for scope in missing:
        yield error("scope", f"{scope} is missing; it is needed to {SCOPES[scope]}", REINSTALL)
    if not missing:
        yield ok("scopes", f"all {len(SCOPES)} are there")


async def _app(client: AsyncWebClient, bot: str) -> Finding:
    """Whether the bot can find out which app it is: it takes nothing that is for another."""
    try:
        told = (await client.bots_info(bot=bot)).get("bot") or {}
    except SlackFailure as wrong:
        says = f"Slack says {error_name(wrong)} of bots.info: nothing that people do is taken"
        return error("app", says, "bots.info needs the scope users:read.")
    return ok("app", f"{told.get('app_id')}; what Slack sends for another is refused")


async def _socket(client: AsyncWebClient, settings: Settings) -> Finding:
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackFailure as wrong:
        mend = "Basic Information → App-Level Tokens, with the scope connections:write."
        return error("SLACK_APP_TOKEN", f"Slack says {error_name(wrong)}", mend)
    return ok("SLACK_APP_TOKEN", "Socket Mode connects")


async def _person(client: AsyncWebClient, person: Person) -> Finding | None:
    mend = "Correct `slack:` in people.yaml: profile → ⋮ → Copy member ID."
    subject = f"person {person.name}"
    try:
        user = (await client.users_info(user=person.slack or ""))["user"]
    except SlackFailure as wrong:
        return error(subject, f"{person.slack}: Slack says {error_name(wrong)}", mend)
    if account_of(user).error == BOT:
        return error(subject, f"{person.slack} is a bot, which stands for nobody", mend)
    if user.get("deleted"):
        return error(subject, f"{person.slack} is deactivated in Slack", mend)
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        hint = "A guest may not be invited to every room: give the role to a member."
        return warning(subject, f"{person.slack} is a guest", hint)
    return None


class Deciders:
    """Whether each policy has somebody for each role; `gone` are those whom Slack can't reach."""

    def __init__(self, client: AsyncWebClient, config: Config, gone: Collection[str]) -> None:
        def now() -> datetime:
            return datetime.now(UTC)

        self._groups = UserGroups(client, Accounts(client, now), lambda: config.people, now)
        self._people = config.people
        self._policies = config.policies.values()
        self._gone = gone

    async def findings(self) -> list[Finding]:
        """What there is to say of the user groups, and then of each role that nobody has."""
        rosters = [roster for policy in self._policies for _, roster in _roles(policy)]
        ids = {group for roster in rosters for group in _groups(roster)}
        answers: dict[str, Answer | None] = {}
        findings: list[Finding] = []
        for group in sorted(ids):
            finding, answers[group] = await self._group(group)
            findings.append(finding)
        for policy in self._policies:
            for role, roster in _roles(policy):
                if not self._somebody(roster, answers):
                    mend = (
                        f"Give the role to somebody in policies.yaml, or put them into the group; "
                        f"in a room that is open, `warroom room assign ROOM {role} PERSON`."
                    )
                    named = ", ".join((*roster.members, *roster.backups, *_groups(roster)))
                    message = f"nobody can be {role} ({named}): no room could be decided"
                    findings.append(error(f"policy {policy.id}", message, mend))
            if alone := self._alone(policy, answers):
                mend = (
                    "Give a role to somebody else in policies.yaml, or put them into the group; "
                    "`unknown_initiator: adjudicator` takes no second person."
                )
                message = f"only {alone} can decide: nobody could on a violation of theirs"
                if policy.unknown_initiator is UnknownInitiator.SECOND_PERSON:
                    message += ", or allow what somebody unknown made"
                findings.append(error(f"policy {policy.id}", message, mend))
        return findings

    async def _group(self, group: str) -> tuple[Finding, Answer | None]:
        subject = f"user group {group}"
        try:
            answer = await self._groups.answer(group)
        except PassingError as wrong:
            mend = "Mend what Slack says; until then the bot doesn't know who is in it."
            return error(subject, f"Slack says {wrong}", mend), None
        if answer.error:
            mend = "Correct the user group's id (S…) in policies.yaml, or name people."
            return error(subject, f"Slack says {answer.error}", mend), answer
        return ok(subject, counted(len(answer.members), "member")), answer

    def _somebody(self, roster: Roster, answers: Mapping[str, Answer | None]) -> bool:
        """Whether somebody has the role; a group that isn't known may have somebody."""
        if set(roster.members + roster.backups) - set(self._gone):
            return True
        told = [answers[group] for group in _groups(roster)]
        return any(answer is None or answer.members for answer in told)

    def _alone(self, policy: Policy, answers: Mapping[str, Answer | None]) -> str | None:
        """Who is the only one with any role; None where that isn't so, or isn't known."""
        rosters = [roster for _, roster in _roles(policy)]
        told = [answers[group] for roster in rosters for group in _groups(roster)]
        if None in told:
            return None
        members = {user for answer in told if answer for user in answer.members}
        listed = {name for roster in rosters for name in (*roster.members, *roster.backups)}
        names = (listed - set(self._gone)) | {self._people.in_slack(user).name for user in members}
        return names.pop() if len(names) == 1 else None


def _roles(policy: Policy) -> tuple[tuple[Role, Roster], ...]:
    return (Role.VALIDATOR, policy.validator), (Role.ADJUDICATOR, policy.adjudicator)


def _groups(roster: Roster) -> list[str]:
    return [group for group in (roster.member_group, roster.backup_group) if group]


CHECK = DoctorCheck("Slack", _examine)
