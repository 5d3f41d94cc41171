"""Errors a person can act on."""


class DeskError(Exception):
    """Something the desk refuses, said in one sentence that tells what to do instead."""


class Conflict(DeskError):
    """Somebody else was faster, or the page the person saw is no longer true."""
