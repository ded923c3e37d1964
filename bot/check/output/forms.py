"""The forms in which a check's result is shown, a line each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.check.findings import Checked
from bot.check.output import github, json_form, sarif, text


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `at_once` is shown before people are waited for; the others hold the verdict too.

    `spoken` is what somebody hears who reads standard output, and is nothing in a file. `beside`
    writes what belongs elsewhere than on standard output, as the environment says.
    """

    name: str
    lines: Callable[[Checked], Iterable[str]]
    at_once: bool = False
    spoken: bool = False
    beside: Callable[[Mapping[str, str], Checked], None] = lambda _, __: None


FORMS = {
    form.name: form
    for form in (
        Form("text", text.lines, at_once=True),
        Form("json", lambda checked: (json_form.text(checked),)),
        Form("sarif", lambda checked: (sarif.text(checked),)),
        Form("github", github.log, at_once=True, spoken=True, beside=github.write_summary),
    )
}
