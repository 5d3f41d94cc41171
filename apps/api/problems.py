"""Every error as problem details (RFC 9457): a status, and a sentence that says what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from apps.common.errors import Conflict, DeskError

log = structlog.get_logger(__name__)

TYPE = "application/problem+json"
UNKNOWN = "There is nothing here, or nothing that you may read."


class PreconditionFailed(exceptions.APIException):
    """Somebody changed it since it was read."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = "It changed since you read it. Read it again, then decide."


class TooLarge(exceptions.APIException):
    """More than one request may bring."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body is larger than {settings.MAX_BODY_BYTES} bytes. Send less at once."


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Return an answer with problem details."""
    data = {"status": int(status), "title": HTTPStatus(status).phrase, "detail": detail, **more}
    return Response(data, status=status, headers=headers, content_type=TYPE)


def handle(error: Exception, _context: Mapping[str, Any]) -> Response:
    """Turn whatever was raised into problem details; what nobody foresaw is logged."""
    match error:
        case Conflict():
            return problem(HTTPStatus.CONFLICT, str(error))
        case DeskError():
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        case Http404() | exceptions.NotFound():
            return problem(HTTPStatus.NOT_FOUND, UNKNOWN)
        case PermissionDenied():
            return problem(HTTPStatus.FORBIDDEN, "You may not do this.")
        case RequestDataTooBig():
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(TooLarge.default_detail))
        case exceptions.ValidationError():
            detail = "Some of what was sent cannot be taken: see errors."
            return problem(HTTPStatus.BAD_REQUEST, detail, errors=error.detail)
        case exceptions.APIException():
            return problem(error.status_code, _sentence(error), headers=_headers(error))
        case _:
            log.error("api_failed", exc_info=error)
            detail = "The desk failed at this. It is logged; try again later."
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _sentence(error: exceptions.APIException) -> str:
    return error.detail if isinstance(error.detail, str) else str(error.detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
