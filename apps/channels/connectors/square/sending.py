"""Posting to Square, and asking it what became of a post (trust.md, What goes out)."""

import json
import re
from http import HTTPStatus
from urllib.parse import quote

from django.conf import settings

from apps.channels.connector import (
    LONGEST_ID,
    Accepted,
    Account,
    ConnectorError,
    Failure,
    OutgoingImage,
    OutgoingMessage,
    ParseError,
)
from apps.channels.connectors.square.parsing import instant, web_address
from apps.common.http import Answer, Call, NoAnswer, exchange
from apps.common.text import is_storable, storable

UNKNOWN_KEY = "square:unknown-key"
LONGEST_REASON = 300
_SECONDS = re.compile(r"[0-9]{1,6}")
# The post may be up after these: the server gave up waiting, or has a copy of it under way.
_UNCLEAR = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)


def send(account: Account, message: OutgoingMessage) -> Accepted:
    """Post once, with a key that makes any repetition harmless; pictures are sent ahead."""
    said: dict[str, object] = {"text": message.text, "parent_id": message.parent_id}
    if message.images:
        said["media"] = [
            {"id": _uploaded(account, image), "alt": image.alt} for image in message.images
        ]
    answer = _exchange(
        Call(
            method="POST",
            url=_address(account, "/api/posts"),
            headers={
                **_authorization(account),
                "content-type": "application/json",
                "idempotency-key": message.key,
            },
            body=json.dumps(said).encode(),
        )
    )
    if isinstance(answer, NoAnswer):
        failure = Failure.RETRY if answer.nothing_left else Failure.UNKNOWN
        raise ConnectorError(failure, _silence(answer))
    if not answer.is_success:
        raise ConnectorError(
            _failure(answer.status), _reason(answer), retry_after=_retry_after(answer)
        )
    return _accepted(answer)


def find_sent(account: Account, message: OutgoingMessage) -> Accepted | None:
    """Return what was posted with the message's key; None if Square says there is none.

    Without a clear answer the message stays what it was: the error is always UNKNOWN.
    """
    answer = _exchange(
        Call(
            method="GET",
            url=_address(account, f"/api/posts/by-key/{quote(message.key, safe='')}"),
            headers=_authorization(account),
        )
    )
    if isinstance(answer, NoAnswer):
        raise ConnectorError(Failure.UNKNOWN, _silence(answer))
    # Only Square's own words count: a proxy's 404 says nothing about the post.
    if answer.status == HTTPStatus.NOT_FOUND and _object(answer).get("type") == UNKNOWN_KEY:
        return None
    if not answer.is_success:
        raise ConnectorError(Failure.UNKNOWN, _reason(answer), retry_after=_retry_after(answer))
    return _accepted(answer)


def _uploaded(account: Account, image: OutgoingImage) -> str:
    """Return Square's id of a picture. Nothing is posted by that: any failure may be repeated."""
    answer = _exchange(
        Call(
            method="POST",
            url=_address(account, "/api/media"),
            headers={**_authorization(account), "content-type": image.content_type},
            body=image.body,
        )
    )
    if isinstance(answer, NoAnswer):
        raise ConnectorError(Failure.RETRY, _silence(answer))
    media_id = _object(answer).get("id")
    if not answer.is_success or not isinstance(media_id, str):
        is_no = _failure(answer.status) is Failure.REFUSED and not answer.is_success
        failure = Failure.REFUSED if is_no else Failure.RETRY
        raise ConnectorError(failure, _reason(answer), retry_after=_retry_after(answer))
    return media_id


def _exchange(call: Call) -> Answer | NoAnswer:
    [answer] = exchange([call], seconds=settings.SEND_TIMEOUT)
    return answer


def _address(account: Account, path: str) -> str:
    return account.base_url.rstrip("/") + path


def _authorization(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.token}", "accept": "application/json"}


def _failure(status: int) -> Failure:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure.RETRY
    if status in _UNCLEAR or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.UNKNOWN
    return Failure.REFUSED


def _accepted(answer: Answer) -> Accepted:
    told = _object(answer)
    post_id, created_at, url = told.get("id"), told.get("created_at"), told.get("url")
    try:
        if not isinstance(post_id, str) or not isinstance(created_at, str):
            raise ParseError("it names no id or no created_at")
        if not 1 <= len(post_id) <= LONGEST_ID or not is_storable(post_id):
            raise ParseError("its id cannot be stored")
        at = instant(created_at)
    except ParseError as error:
        reason = f"Square took the post, but its answer cannot be read: {error}"
        raise ConnectorError(Failure.UNKNOWN, reason) from error
    return Accepted(
        external_id=post_id, at=at, url=web_address(url) if isinstance(url, str) else ""
    )


def _silence(answer: NoAnswer) -> str:
    return f"Square did not answer: {answer.reason}"


def _reason(answer: Answer) -> str:
    """Return the network's own words, for the author."""
    told = _object(answer)
    words = told.get("detail") or told.get("title")
    if isinstance(words, str):
        return storable(words)[:LONGEST_REASON]
    return f"Square answered {answer.status}"


def _retry_after(answer: Answer) -> int | None:
    seconds = answer.headers.get("retry-after", "")
    return int(seconds) if _SECONDS.fullmatch(seconds) else None


def _object(answer: Answer) -> dict[str, object]:
    """Return the JSON object of an answer; empty where the body is anything else."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
