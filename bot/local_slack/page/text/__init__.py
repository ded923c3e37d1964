"""Slack's formats of text as HTML.

Rules
- What comes in is hostile: all of it is escaped, and only the tags written here come out.
- A link leads to http, https or mailto, and opens elsewhere; any other address is text.
- Who and what is mentioned is named as the reader knows it, never as the sender says.
- Nothing fails on a text, whatever stands in it.
"""

from bot.local_slack.page.text.leaves import plain
from bot.local_slack.page.text.markdown_blocks import markdown
from bot.local_slack.page.text.moments import date
from bot.local_slack.page.text.paragraphs import mrkdwn, snippet
from bot.local_slack.page.text.rich import rich_text

__all__ = ["date", "markdown", "mrkdwn", "plain", "rich_text", "snippet"]
