"""A request with an Idempotency-Key has one effect, however often and at once it is sent.

The row that stands for it is written first, in the transaction of the effect itself: copies wait
for that row, then hear the first answer. What failed on our side leaves no row behind.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.access import caller
from apps.api.models import Answered
from apps.api.problems import problem

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
HEADERS = ("ETag", "Location")


class _FailedHereError(Exception):
    """An answer of 500 or more: its effects are rolled back, and it is not remembered."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def once(request: Request, key: str, act: Callable[[], Response], *, at: datetime) -> Response:
    """Act, or repeat what was answered when this key was used before."""
    if len(key) > LONGEST_KEY or not key.isprintable():
        return problem(400, f"An Idempotency-Key has up to {LONGEST_KEY} printable characters.")
    asked = _hash(request)
    try:
        with transaction.atomic():
            return _once(request, key, asked, act, at=at)
    except _FailedHereError as failed:
        return failed.response


def forget_old(*, at: datetime) -> int:
    """Forget answers that are a day old; returns how many."""
    return Answered.objects.filter(at__lt=at - KEPT).delete()[0]


def _once(
    request: Request, key: str, asked: str, act: Callable[[], Response], *, at: datetime
) -> Response:
    who = caller(request)
    Answered.objects.filter(caller=who, key=key, at__lt=at - KEPT).delete()
    fresh = Answered(caller=who, key=key, asked=asked, at=at)
    Answered.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Answered.objects.select_for_update().get(caller=who, key=key)
    if row.asked != asked:
        return problem(409, "This Idempotency-Key was used for another request. Choose a new one.")
    if row.status is not None:
        replayed = Response(row.body, status=row.status, headers=row.headers)
        replayed["Idempotent-Replayed"] = "true"
        if row.status >= 400:
            replayed.content_type = "application/problem+json"
        return replayed
    response = act()
    if response.status_code >= 500:
        raise _FailedHereError(response)
    row.status, row.body = response.status_code, response.data
    row.headers = {name: response[name] for name in HEADERS if name in response}
    row.save(update_fields=["status", "body", "headers"])
    return response


def _hash(request: Request) -> str:
    told = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(told + request._request.body).hexdigest()
