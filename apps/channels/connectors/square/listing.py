"""Asking Square again for what it told since an instant: what a lost notice would have said."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from apps.channels.connector import Account, ConnectorError, Failure
from apps.channels.connectors.square.calling import (
    address,
    authorization,
    exchanged,
    read_object,
    reason,
    retry_after,
    silence,
)
from apps.common.http import Answer, Call, NoAnswer

MOST_PAGES = 100


def listed(account: Account, *, since: datetime) -> list[bytes]:
    """Return the notices of the posts since then, oldest first; raises ConnectorError."""
    notices: list[bytes] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        told, after = _page(account, since, after)
        notices += told
        if after is None:
            return notices
    raise ConnectorError(Failure.RETRY, f"Square lists more than {MOST_PAGES} pages.")


def _page(account: Account, since: datetime, after: str | None) -> tuple[list[bytes], str | None]:
    asked = {"since": since.astimezone(UTC).isoformat()} | ({"after": after} if after else {})
    answer = exchanged(
        Call(
            method="GET",
            url=address(account, f"/api/notices?{urlencode(asked)}"),
            headers=authorization(account),
        )
    )
    if isinstance(answer, NoAnswer):
        raise ConnectorError(Failure.RETRY, silence(answer))
    if not answer.is_success:
        raise ConnectorError(Failure.RETRY, reason(answer), retry_after=retry_after(answer))
    return _read(answer)


def _read(answer: Answer) -> tuple[list[bytes], str | None]:
    told = read_object(answer)
    notices, after = told.get("notices"), told.get("next")
    if not isinstance(notices, list) or not isinstance(after, str | None):
        raise ConnectorError(Failure.RETRY, "Square's list of notices cannot be read.")
    return [json.dumps(notice, ensure_ascii=False).encode() for notice in notices], after
