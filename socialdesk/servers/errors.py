"""What goes wrong here is told to a person at a terminal."""


class ServersError(Exception):
    """One clear sentence: what is wrong and what to do about it."""
