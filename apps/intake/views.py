"""Where networks hand things in. A 2xx says: the raw request is committed."""

from math import ceil

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.channels.connector import SignatureError
from apps.common.addresses import address_of
from apps.intake import door, limits, operations


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Keep what a network sends, once its signature is right.

    202 kept; 401 wrong signature; 404 no such channel; 413 over the limit; 429 too many. What
    cannot be read is kept all the same and shown under Set aside.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        return _problem(413, f"The body is larger than {settings.MAX_BODY_BYTES} bytes.")
    except (UnreadablePostError, RawPostDataException):
        return _problem(400, "The body could not be read to its end. Send it again.")
    now = timezone.now()
    try:
        channel = door.admit(channel_id=channel_id, headers=request.headers, body=body, at=now)
    except SignatureError as error:
        return _refused(request, 401, f"The signature does not fit: {error}.")
    if channel is None:
        why = "There is no channel with this number. Check the webhook's address."
        return _refused(request, 404, why)
    if wait := limits.wait_of_channel(channel.pk):
        return _too_many("This channel delivers more than the desk takes.", wait)
    operations.keep(channel=channel, body=body, at=now)
    return HttpResponse(status=202)


def _refused(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """Say why not, until the same address has been told so too often."""
    wait = limits.wait_of_stranger(address_of(request))
    return _too_many(detail, wait) if wait else _problem(status, detail)


def _too_many(detail: str, wait: float) -> HttpResponse:
    answer = _problem(429, f"{detail} Come again after some seconds.")
    answer["Retry-After"] = str(ceil(wait))
    return answer


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse(
        {"status": status, "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
