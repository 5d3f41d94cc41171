"""Calling Square over HTTP: its addresses, the account's token, and reading what it answers."""

import json
import re

from django.conf import settings

from apps.channels.connector import Account
from apps.common.http import Answer, Call, NoAnswer, exchange
from apps.common.text import storable

LONGEST_REASON = 300
_SECONDS = re.compile(r"[0-9]{1,6}")


def exchanged(call: Call) -> Answer | NoAnswer:
    """Make one call within the time a send may take."""
    [answer] = exchange([call], seconds=settings.SEND_TIMEOUT)
    return answer


def address(account: Account, path: str) -> str:
    """Return where on Square this is."""
    return account.base_url.rstrip("/") + path


def authorization(account: Account) -> dict[str, str]:
    """Return the headers that let the account in."""
    return {"authorization": f"Bearer {account.token}", "accept": "application/json"}


def silence(answer: NoAnswer) -> str:
    """Say that there was no answer, and why."""
    return f"Square did not answer: {answer.reason}"


def reason(answer: Answer) -> str:
    """Return the network's own words, for the author."""
    told = read_object(answer)
    words = told.get("detail") or told.get("title")
    if isinstance(words, str):
        return storable(words)[:LONGEST_REASON]
    return f"Square answered {answer.status}"


def retry_after(answer: Answer) -> int | None:
    """Return the seconds Square asks to wait, if it says."""
    seconds = answer.headers.get("retry-after", "")
    return int(seconds) if _SECONDS.fullmatch(seconds) else None


def read_object(answer: Answer) -> dict[str, object]:
    """Return the JSON object of an answer; empty where the body is anything else."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
