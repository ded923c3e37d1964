"""`warroom passport`: a model's papers. Each command's module is loaded when it is called."""

from bot.cli.command_line import CommandLine, LazyCommand

COMMANDS = (
    LazyCommand("make", "bot.cli.passport_make:make", "Write a model's passport, signed."),
    LazyCommand("read", "bot.cli.passport_read:read", "Say what a passport says."),
    LazyCommand(
        "verify",
        "bot.cli.passport_read:verify",
        "Check a passport's signature, its end, and each byte of its files.",
    ),
    LazyCommand("card", "bot.cli.passport_card:card", "Write a model's card from its passport."),
    LazyCommand("scan", "bot.cli.passport_scan:scan", "Ask whether a model may leave the house."),
)
passport = CommandLine(
    "passport", COMMANDS, help="A model's papers: what it is, from what, and who has allowed it."
)
