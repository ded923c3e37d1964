"""Measures of how fast violations are settled, and of what is left unsettled.

Pure: nothing here reads a clock, a file or the network, and nothing of the rest of the bot is
imported. `now` is an argument.
"""
