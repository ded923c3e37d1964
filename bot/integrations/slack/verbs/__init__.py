"""What can be asked of a room in Slack: one file a verb, one line of `registry.VERBS` for each."""
