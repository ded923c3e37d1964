"""What comes in: one file a source, each verifies, parses and reports a violation."""
