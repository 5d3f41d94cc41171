"""Posting to Square, and asking it what became of a post (trust.md, What goes out)."""

import json
from http import HTTPStatus
from urllib.parse import quote

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
from apps.channels.connectors.square.calling import (
    address,
    authorization,
    exchanged,
    read_object,
    reason,
    retry_after,
    silence,
)
from apps.channels.connectors.square.parsing import instant, web_address
from apps.common.http import Answer, Call, NoAnswer
from apps.common.text import is_storable

UNKNOWN_KEY = "square:unknown-key"
# The post may be up after these: the server gave up waiting, or has a copy of it under way.
_UNCLEAR = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT)


def send(account: Account, message: OutgoingMessage) -> Accepted:
    """Post once, with a key that makes any repetition harmless; pictures are sent ahead."""
    said: dict[str, object] = {"text": message.text, "parent_id": message.parent_id}
    if message.images:
        said["media"] = [
            {"id": _uploaded(account, image), "alt": image.alt} for image in message.images
        ]
    answer = exchanged(
        Call(
            method="POST",
            url=address(account, "/api/posts"),
            headers={
                **authorization(account),
                "content-type": "application/json",
                "idempotency-key": message.key,
            },
            body=json.dumps(said).encode(),
        )
    )
    if isinstance(answer, NoAnswer):
        failure = Failure.RETRY if answer.nothing_left else Failure.UNKNOWN
        raise ConnectorError(failure, silence(answer))
    if not answer.is_success:
        raise ConnectorError(
            _failure(answer.status), reason(answer), retry_after=retry_after(answer)
        )
    return _accepted(answer)


def find_sent(account: Account, message: OutgoingMessage) -> Accepted | None:
    """Return what was posted with the message's key; None if Square says there is none.

    Without a clear answer the message stays what it was: the error is always UNKNOWN.
    """
    answer = exchanged(
        Call(
            method="GET",
            url=address(account, f"/api/posts/by-key/{quote(message.key, safe='')}"),
            headers=authorization(account),
        )
    )
    if isinstance(answer, NoAnswer):
        raise ConnectorError(Failure.UNKNOWN, silence(answer))
    # Only Square's own words count: a proxy's 404 says nothing about the post.
    if answer.status == HTTPStatus.NOT_FOUND and read_object(answer).get("type") == UNKNOWN_KEY:
        return None
    if not answer.is_success:
        raise ConnectorError(Failure.UNKNOWN, reason(answer), retry_after=retry_after(answer))
    return _accepted(answer)


def _uploaded(account: Account, image: OutgoingImage) -> str:
    """Return Square's id of a picture. Nothing is posted by that: any failure may be repeated."""
    answer = exchanged(
        Call(
            method="POST",
            url=address(account, "/api/media"),
            headers={**authorization(account), "content-type": image.content_type},
            body=image.body,
        )
    )
    if isinstance(answer, NoAnswer):
        raise ConnectorError(Failure.RETRY, silence(answer))
    media_id = read_object(answer).get("id")
    if not answer.is_success or not isinstance(media_id, str):
        is_no = _failure(answer.status) is Failure.REFUSED and not answer.is_success
        failure = Failure.REFUSED if is_no else Failure.RETRY
        raise ConnectorError(failure, reason(answer), retry_after=retry_after(answer))
    return media_id


def _failure(status: int) -> Failure:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure.RETRY
    if status in _UNCLEAR or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.UNKNOWN
    return Failure.REFUSED


def _accepted(answer: Answer) -> Accepted:
    told = read_object(answer)
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
