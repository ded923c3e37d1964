"""Modals and home tabs.

Rules
- A person has at most one stack of modals, of at most three views; opening starts it anew.
- A view's hash changes with each update; an update that names an old hash is refused.
- What a person has entered survives an update where the ids stay the same.
"""

import json

from bot.local_slack.slack_errors import SlackError, invalid_arguments
from bot.local_slack.state.core import Core
from bot.local_slack.state.entered import starting_values
from bot.local_slack.state.identified import given as without_nulls
from bot.local_slack.state.identified import with_ids
from bot.local_slack.state.records import Json, View

DEEPEST = 3
LARGEST = 250_000
_MODAL = {"submit": None, "close": None, "clear_on_close": False, "notify_on_close": False}
_COMMON = {"private_metadata": "", "callback_id": "", "external_id": ""}


class Views:
    """The open modals and the home tab of each person."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """The open modals of the user; the last is on top."""
        return list(self._stacks.get(user, []))

    def home(self, user: str) -> View | None:
        """The home tab, once published."""
        return self._homes.get(user)

    def homes(self) -> list[View]:
        """Every home tab."""
        return list(self._homes.values())

    def restore(self, kept: list[View]) -> None:
        """Hold these home tabs, and no open modal."""
        self._homes, self._stacks = {view.user: view for view in kept}, {}

    def find(self, view_id: str) -> View:
        """The open modal or the home tab with this id. Raises not_found."""
        for view in self._all():
            if view.id == view_id:
                return view
        raise SlackError("not_found")

    def by_external_id(self, external_id: str) -> View:
        """The view with the bot's own id. Raises not_found."""
        for view in self._all():
            if external_id and view.body["external_id"] == external_id:
                return view
        raise SlackError("not_found")

    def open(self, user: str, given: Json) -> View:
        """Show a first modal; one that is open already is gone."""
        view = self._new(user, given)
        self._stacks[user] = [view]
        self._announce("view.opened", view)
        return view

    def push(self, user: str, given: Json) -> View:
        """Show a modal on top of the open one. Raises not_found and push_limit_reached."""
        stack = self._stacks.get(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        view = self._new(user, given)
        view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        self._announce("view.pushed", view)
        return view

    def update(self, view: View, given: Json, known_hash: str | None = None) -> View:
        """Replace what the view shows. Raises hash_conflict."""
        if known_hash and known_hash != view.hash:
            raise SlackError("hash_conflict")
        if given["type"] != view.type:
            raise invalid_arguments("[ERROR] view type can't change [json-pointer:/view/type]")
        view.body = self._completed(given, view)
        view.hash = self._core.new_ts()
        view.entered = starting_values(view.blocks, view.entered)
        self._announce("view.updated", view)
        return view

    def publish(self, user: str, given: Json, known_hash: str | None) -> View:
        """Show a home tab to the user. Raises hash_conflict."""
        before = self._homes.get(user)
        if before is not None and known_hash and known_hash != before.hash:
            raise SlackError("hash_conflict")
        view = self._new(user, given, same=before)
        if before is not None:
            view.id = view.root = before.id
        self._homes[user] = view
        self._announce("home.published", view)
        return view

    def close(self, view: View) -> None:
        """Take a modal away, and whatever lies on top of it."""
        stack = self._stacks.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]
        self._announce("view.closed", view)

    def clear(self, user: str) -> list[View]:
        """Take all modals of the user away; answers which, the topmost first."""
        gone = self._stacks.pop(user, [])[::-1]
        for view in gone:
            self._announce("view.closed", view)
        return gone

    def _all(self) -> list[View]:
        return [v for stack in self._stacks.values() for v in stack] + list(self._homes.values())

    def _new(self, user: str, given: Json, same: View | None = None) -> View:
        view_id = self._core.new_id("V")
        body = self._completed(given, same)
        view = View(view_id, user, body, self._core.new_ts(), view_id)
        view.entered = starting_values(view.blocks, same.entered if same else None)
        return view

    def _completed(self, given: Json, same: View | None) -> Json:
        if len(json.dumps(given)) > LARGEST:
            raise SlackError("view_too_large")
        external = given.get("external_id")
        if external and any(
            v.body["external_id"] == external for v in self._all() if v is not same
        ):
            raise SlackError("duplicate_external_id")
        defaults = _COMMON | (_MODAL if given["type"] == "modal" else {})
        shown = without_nulls(given)
        return {**defaults, **shown, "blocks": with_ids(shown["blocks"], self._core)}

    def _announce(self, kind: str, view: View) -> None:
        self._core.announce(kind, view=view.id, user=view.user)
