"""The decision's life, as pure values and functions: no I/O, clock, randomness or logging."""
