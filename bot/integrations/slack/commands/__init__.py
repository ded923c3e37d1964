"""`/warroom`: one file a subcommand, one line of `registry.SUBCOMMANDS` for each."""
