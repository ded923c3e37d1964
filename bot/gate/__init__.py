"""What a pipeline asks, and what it is told."""
