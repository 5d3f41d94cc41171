"""Errors a person can act on."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


class DeskError(Exception):
    """Something the desk refuses, said in one sentence that tells what to do instead."""


class Conflict(DeskError):
    """Somebody else was faster, or the page the person saw is no longer true."""


def sentence(error: ValidationError) -> str:
    """Say what is wrong with a row before it is stored, each field by its name."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        message if field == NON_FIELD_ERRORS else f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )
