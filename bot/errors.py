"""Errors that end a command of the command line, each with its exit code."""


class UsageError(Exception):
    """Something that the caller can mend: a setting, an argument, a file."""

    exit_code = 2


class UnreachableError(Exception):
    """Somebody we have to talk to doesn't answer; `who`, where it is set, is said in front.

    `after` is how many seconds they want to be left alone, where they have said so.
    """

    exit_code = 3
    who = ""
    after = 0.0
