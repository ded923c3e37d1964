"""Reading Python: what a script trains on, from what and to where, without running it."""
