"""Speed and memory, each figure beside a yardstick of the same run: `make bench`."""
