"""Where networks hand things in. A 2xx says: the raw request is committed."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.channels.connector import SignatureError
from apps.intake import door, operations


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Keep what a network sends, once its signature is right.

    202 kept; 401 wrong signature; 404 no such channel; 413 over the limit. What cannot be read is
    kept all the same and shown under Set aside.
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
        return _problem(401, f"The signature does not fit: {error}.")
    if channel is None:
        return _problem(404, "There is no channel with this number. Check the webhook's address.")
    operations.keep(channel=channel, body=body, at=now)
    return HttpResponse(status=202)


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse(
        {"status": status, "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
