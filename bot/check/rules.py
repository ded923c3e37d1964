"""Declared beside found: what each rule finds in one file.

Rules
- What trains is held to a declaration; what doesn't train, or only starts what lies in the same
  tree, is compared only where it declares something itself.
- What isn't declared isn't allowed; what isn't listed isn't known; what can't be known from here is
  found, unless the declaration says `from arguments`.
- Under a declaration that can't be read nothing is compared: what the file does is a part of that
  finding then, and an exception on it ends when that changes.
- A command that starts the file is compared like the file: it is what is done.
- A file written below the working folder has gone nowhere yet; whatever else the catalogue doesn't
  list is public.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.check.catalogue import Entry, matches
from bot.check.declaration import FROM_ARGUMENTS, Declaration, Pii, Reach
from bot.check.declarations import Declared, span_of
from bot.check.findings import RULE, Finding
from bot.check.standards import Standards
from bot.check.uses import FileReading, How, Kind, Span, Unreadable, Use
from bot.check.wording import listed, sentence, told
from bot.yaml.problems import Problem, instead

GIVE = "Give it to the command behind `warroom check --` in so many words."
_FAR = tuple(Reach)
_PERSONAL = tuple(Pii)
_LOCAL = ("/", "~", "\\\\")
_NAME = "Name the call under `calls:` there, or declare what the code really uses."


@dataclass(frozen=True, slots=True)
class Comparison:
    """One file, what is declared for it, and what it is held to on a day.

    Where it is `started`, its arguments are known: what still can't be known is found.
    """

    reading: FileReading
    declared: Declared
    standards: Standards
    today: date
    started: bool = False

    def findings(self) -> Iterator[Finding]:
        """All that is found in the file, in no order."""
        reading, declared = self.reading, self.declared
        if reading.unreadable:
            yield self._unreadable(reading.unreadable)
        held = (reading.trains and not reading.hands_on) or declared.own
        if held:
            yield from (
                self._finding("suppression", span, "A comment suppresses nothing.")
                for span in reading.ignored
            )
        done = "" if declared.readable else self._told()
        yield from invalid(declared.problems, self.standards, done)
        if not (declared.declaration and declared.readable):
            yield from self._uncompared() if held else ()
            return
        if not held:
            return
        yield from self._of_declaration(declared.declaration)
        yield from self._missing(declared.declaration)
        for use in self._done(declared.declaration):
            if use.kind is Kind.DATASET:
                yield from self._of_dataset(declared.declaration, use)
            elif use.kind is Kind.MODEL and not use.role:
                yield from self._of_model(declared.declaration, use)
            elif use.kind is Kind.EXPORT:
                yield from self._of_export(declared.declaration, use)

    def _unreadable(self, unreadable: Unreadable) -> Finding:
        finding = self._finding("syntax", unreadable.span, sentence(unreadable.why))
        return replace(finding, mend=f"{finding.mend} {unreadable.mend}".strip())

    def _finding(
        self,
        rule: str,
        span: Span,
        message: str,
        *,
        declared: str = "",
        found: str = "",
        path: str = "",
    ) -> Finding:
        return Finding(
            path or self.reading.path,
            span,
            rule,
            self.standards.severity(rule),
            message,
            declared,
            found,
            RULE[rule].mend,
            known=rule != "not-known",
            team=declaration.team or "" if (declaration := self.declared.declaration) else "",
        )

    def _missing(self, declaration: Declaration) -> Iterator[Finding]:
        """What training code declares, and no call that is known uses: it may use anything."""
        if not self.reading.trains:
            return
        for key, kind, declared in (
            ("dataset", Kind.DATASET, declaration.dataset),
            ("base_model", Kind.MODEL, declaration.base_model),
        ):
            used = any(use.kind is kind for use in self.reading.uses)
            given = FROM_ARGUMENTS in (declared or ()) and not self.started
            if declared and not used and not given:
                message = (
                    f"Declares {key}: {listed(declared)}, and no call that is known uses one. "
                    "Name your own calls in config/guardrails.yaml."
                )
                path, span = self._place(key, declaration)
                shown = listed(declared)
                finding = self._finding("not-known", span, message, path=path, declared=shown)
                yield replace(finding, mend=_NAME)

    def _done(self, declaration: Declaration) -> Iterator[Use]:
        """What the file does; an example of its own is none where arguments decide."""
        said = (*(declaration.dataset or ()), *(declaration.base_model or ()))
        examples = FROM_ARGUMENTS in said and not self.started
        for use in self.reading.uses:
            if not (examples and use.how is How.LAUNCH and not use.within):
                yield use

    def _uncompared(self) -> Iterator[Finding]:
        """What a file does without a declaration, or under one above it that can't be read."""
        rule, message, nearly = "undeclared", "Trains, and declares nothing.", self.reading.nearly
        if self.declared.declaration:
            rule = "declaration-invalid"
            message = "What is declared for it can't be read, and so compared with nothing."
        elif nearly:
            message += f" Is line {nearly.line} meant as `guardrails:`?"
        if not self.declared.problems:
            yield self._finding(rule, self._first(), message, found=self._told())

    def _told(self) -> str:
        """What the file does, in words."""
        return "; ".join(told(self.reading.uses))

    def _first(self) -> Span:
        """Where a reader would look first: the first use, or the file's first line."""
        return min((use.span for use in self.reading.uses if not use.within), default=Span(1))

    def _of_declaration(self, declaration: Declaration) -> Iterator[Finding]:
        """What is wrong with a declaration whatever the code does."""
        if not declaration.reviewed:
            message = "What it declares was written by a machine, and nobody has reviewed it yet."
            mend = "Read it, mend it, and take `reviewed: false` out."
            path, span = self._place("reviewed", declaration)
            yield replace(self._finding("undeclared", span, message, path=path), mend=mend)
        if declaration.expires and declaration.expires < self.today:
            path, span = self._place("expires", declaration)
            message = f"Declared until {declaration.expires}, which has passed."
            declared = f"until {declaration.expires}"
            yield self._finding("declaration-expired", span, message, path=path, declared=declared)
        owners = self.standards.owners
        if declaration.owner and owners is not None and declaration.owner not in owners:
            path, span = self._place("owner", declaration)
            message = f"Nobody knows {declaration.owner!r}: {instead(declaration.owner, owners)}"
            declared = declaration.owner
            yield self._finding("owner-unknown", span, message, path=path, declared=declared)

    def _place(self, key: str, declaration: Declaration) -> tuple[str, Span]:
        return declaration.places.get(key, (self.reading.path, self._first()))

    def _of_dataset(self, declaration: Declaration, use: Use) -> Iterator[Finding]:
        declared = declaration.dataset or ()
        shown = listed(declared)
        if use.name is None:
            if self.started or FROM_ARGUMENTS not in declared:
                yield self._not_known(use, "Which data set it learns from", shown)
            return
        known = self.standards.known
        entry = known.dataset(use.name)
        classes = [word for word in declared if known.is_classification(word)]
        named = any(matches(word, use.name) for word in declared if word not in classes)
        found = _found(use, entry)
        if entry is None and self.standards.catalogue is not None:
            message = f"The catalogue doesn't list {use.name!r}."
            yield self._finding("dataset-unlisted", use.span, message, declared=shown, found=found)
        given = FROM_ARGUMENTS in declared and use.how in GIVEN
        if not named and not (entry and classes) and not given:
            message = f"Learns from {use.name!r}, and declares {shown}."
            yield self._finding("dataset-mismatch", use.span, message, declared=shown, found=found)
        if entry is None:
            return
        rank = known.rank(entry.classification)
        allowed = max((known.rank(word) for word in classes), default=rank)
        if not named and rank > allowed:
            message = f"{use.name!r} is {entry.classification}, and declared is {shown}."
            yield self._finding("dataset-class", use.span, message, declared=shown, found=found)
        else:
            yield from self._personal(declaration, use, entry)
        yield from self._use_case(declaration, use, entry)

    def _personal(self, declaration: Declaration, use: Use, entry: Entry) -> Iterator[Finding]:
        """Whether the data holds more about people than declared; undeclared, it may hold none."""
        pii = self.standards.known.pii(entry.classification)
        declared = declaration.pii or Pii.NONE
        if _PERSONAL.index(pii) > _PERSONAL.index(declared):
            shown = f"pii: {declaration.pii}" if declaration.pii else ""
            message = f"{use.name!r} is {entry.classification}, and {_declared(shown, 'pii')}."
            found = _found(use, entry)
            yield self._finding("dataset-class", use.span, message, declared=shown, found=found)

    def _use_case(self, declaration: Declaration, use: Use, entry: Entry) -> Iterator[Finding]:
        allowed = entry.use_cases
        if allowed is None or declaration.use_case in allowed:
            return
        shown = f"use_case: {declaration.use_case}" if declaration.use_case else ""
        only = f"only for {listed(allowed)}" if allowed else "for nothing"
        said = _declared(shown, "use case")
        message = f"The catalogue allows {use.name!r} {only}, and {said}."
        yield self._finding("use-case", use.span, message, declared=shown, found=_found(use, entry))

    def _of_model(self, declaration: Declaration, use: Use) -> Iterator[Finding]:
        declared = declaration.base_model or ()
        shown = listed(declared)
        from_arguments = FROM_ARGUMENTS in declared
        if use.name is None:
            if self.started or not from_arguments:
                yield self._not_known(use, "Which model it starts from", shown)
            return
        entry = self.standards.known.model(use.name)
        found = _found(use, entry)
        named = any(matches(word, use.name) for word in declared)
        if not named and not (from_arguments and use.how in GIVEN):
            message = f"Starts from {use.name!r}, and declares {shown}."
            yield self._finding("model-mismatch", use.span, message, declared=shown, found=found)
        if entry:
            yield from self._use_case(declaration, use, entry)
        elif self.standards.known.models is not None:
            message = f"The catalogue doesn't list the model {use.name!r}."
            yield self._finding("model-mismatch", use.span, message, declared=shown, found=found)

    def _of_export(self, declaration: Declaration, use: Use) -> Iterator[Finding]:
        declared = declaration.export or Reach.NONE
        shown = f"export: {declaration.export}" if declaration.export else ""
        if use.name is None:
            given = FROM_ARGUMENTS in (declaration.dataset or ()) and not self.started
            if declared is not Reach.PUBLIC and use.export != "file" and not given:
                yield self._not_known(use, "Where the result goes", shown)
            return
        listed = self.standards.known.destination(use.name)
        reach = listed.reach if listed else Reach.PUBLIC
        if listed is None and use.export == "file" and _stays(use.name):
            reach = Reach.NONE
        if _FAR.index(reach) <= _FAR.index(declared):
            return
        why = "which is" if listed else "which the catalogue doesn't list, so it counts as"
        said = _declared(shown, "export")
        message = f"The result goes to {use.name!r}, {why} {reach}; {said}."
        found = f"{use.name} ({reach}, {_known(use)})"
        yield self._finding("export-mismatch", use.span, message, declared=shown, found=found)

    def _not_known(self, use: Use, what: str, declared: str) -> Finding:
        message = f"{what} can't be known from here: {use.call} decides it."
        finding = self._finding("not-known", use.span, message, declared=declared, found=use.call)
        return replace(finding, mend=GIVE) if self.started else finding


GIVEN = (How.LAUNCH, How.DEFAULT)  # what an argument is, or would be


def invalid(
    problems: Iterable[Problem], standards: Standards, found: str = ""
) -> Iterator[Finding]:
    """What is wrong with declarations, as findings; `found` is done under what can't be read."""
    rule = RULE["declaration-invalid"]
    for problem in problems:
        place, message = problem.place, sentence(problem.message)
        severity = standards.severity(rule.id)
        span = span_of(place)
        yield Finding(place.file, span, rule.id, severity, message, found=found, mend=rule.mend)


def _declared(shown: str, what: str) -> str:
    return f"declared is {shown}" if shown else f"no {what} is declared"


def _found(use: Use, entry: Entry | None) -> str:
    """A use, with its classification and from where its name is known."""
    class_ = f"{entry.classification}, " if entry and entry.classification else ""
    return f"{use.name} ({class_}{_known(use)})"


def _known(use: Use) -> str:
    file = use.within.rpartition(":")[0]  # without the line, which moves
    return f"{use.how} in {file}" if file else str(use.how)


def _stays(target: str) -> bool:
    """Whether a file's path leads below the folder that the code runs in."""
    climbs = ".." in target.replace("\\", "/").split("/")
    return not (climbs or target.startswith(_LOCAL) or ":" in target)
