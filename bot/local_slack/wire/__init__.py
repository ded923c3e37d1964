"""What happens on the way: limits, faults and latency, and a log of every call."""
