"""Tables, the transaction that writes them, the questions that read them, and migrations."""
