"""`python -m bot`: the `warroom` command where it isn't on the path."""

from bot.cli.main import main

main(prog_name="warroom")
