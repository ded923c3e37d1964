"""The templates, and what all of them may use: who reads, and how text looks to them."""

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.local_slack.page import text
from bot.local_slack.page.charts import drawn
from bot.local_slack.page.offered import Offered
from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.places import face
from bot.local_slack.page.text.leaves import linkable
from bot.local_slack.page.timeline import file_address
from bot.local_slack.page.viewer import Viewer
from bot.local_slack.state.records import Json
from bot.local_slack.state.workspace import Workspace

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Templates:
    """Templates of one workspace, filled in for one viewer at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def page(self, viewer: Viewer, **given: Any) -> str:  # noqa: ANN401 - what the page shows
        """The whole page."""
        return _TEMPLATES.get_template("page.html").render(self._common(viewer) | given)

    def macro(self, name: str, viewer: Viewer, *args: Any, **given: Any) -> str:  # noqa: ANN401 - as above
        """One macro, named `file.macro`."""
        file, _, macro = name.partition(".")
        template = _TEMPLATES.get_template(f"{file}.html")
        module = template.make_module(self._common(viewer) | given)
        return str(getattr(module, macro)(*args)).strip()

    def _common(self, viewer: Viewer) -> dict[str, Any]:
        reader = Reader.of(self._workspace, viewer.user)
        return {
            "viewer": viewer,
            "config": self._workspace.config,
            "me": face(self._workspace.directory.person(viewer.user)),
            "offered": Offered(self._workspace, viewer.user),
            "text": partial(_text, reader=reader),
            "plain": text.plain,
            "mrkdwn": partial(text.mrkdwn, reader=reader),
            "snippet": partial(text.snippet, reader=reader),
            "markdown": partial(text.markdown, reader=reader),
            "rich_text": partial(text.rich_text, reader=reader),
            "chart": drawn,
            "picture": partial(self._picture, viewer),
        }

    def _picture(self, viewer: Viewer, element: Json) -> str:
        """The address of an image; empty where the workspace has no such file."""
        if "image_url" in element:
            return _linkable(str(element["image_url"]))
        found = self._workspace.files.image(element["slack_file"])
        return file_address(found.id, found.name, viewer.user) if found else ""


def _text(given: Json, reader: Reader) -> Markup:
    """A text object of Block Kit."""
    if given["type"] == "mrkdwn":
        return text.mrkdwn(given["text"], reader, verbatim=bool(given.get("verbatim")))
    return text.plain(given["text"], emoji=given.get("emoji") is not False)


def _linkable(url: str) -> str:
    """The address, if a browser may follow it; else nothing."""
    return url if linkable(url) else ""


_TEMPLATES.filters["linkable"] = _linkable
