"""The short way for what programs bring in, past what only pages and other resources need.

One statement asks whether a token, its scope, whom it acts for, and the channel are in order, anew
for every request, so that whatever is taken away is gone at once. What is not in order, or has an
Idempotency-Key, goes the ordinary way (`Channels.messages`), which says what is wrong.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import structlog
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

from apps.agents.models import User
from apps.agents.programs import INBOUND
from apps.api.access import note_used, program
from apps.api.base import NOT_KEPT
from apps.api.limits import count, told
from apps.api.v1 import inbound
from apps.channels.connectors.generic.connector import GenericConnector
from apps.channels.models import Channel
from apps.common import sets
from apps.common.rates import Rate

log = structlog.get_logger(__name__)

Answer = Callable[[HttpRequest], HttpResponseBase]

UTF_8 = ("utf-8", "utf8")
CANNOT_BE_READ = (
    RequestDataTooBig,
    UnreadablePostError,
    RawPostDataException,
    ParseError,
    RecursionError,
)
_ADDRESS = re.compile(r"/api/v1/channels/([0-9]{1,18})/messages/")
_WHO_MAY = """
    SELECT client.id
    FROM allauth_idp_oidc_token token
    JOIN allauth_idp_oidc_client client ON client.id = token.client_id
    JOIN agents_user acting ON acting.id = coalesce(token.user_id, client.owner_id)
    JOIN channels_channel channel ON channel.id = %b::bigint
    WHERE token.type = %b::text AND token.hash = %b::text
      AND (token.expires_at IS NULL OR token.expires_at > %b::timestamptz)
      AND %b::text = ANY (string_to_array(token.scopes, E'\\n'))
      AND acting.is_active AND channel.network = %b::text
      AND (acting.role = %b::text OR EXISTS (
          SELECT FROM agents_membership
          WHERE user_id = acting.id AND team_id = channel.team_id))
"""


def straight_in(answer: Answer) -> Answer:
    """Keep at once what is in order; what stands before this in MIDDLEWARE holds for it too."""

    def go(request: HttpRequest) -> HttpResponseBase:
        return _kept(request) or answer(request)

    return go


def _kept(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to what is kept; None, and nothing done, where the ordinary way is due."""
    address = _ADDRESS.fullmatch(request.path_info)
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    has_key = "HTTP_IDEMPOTENCY_KEY" in request.META
    if address is None or kind.lower() != "bearer" or not _is_plain(request) or has_key:
        return None
    request.get_host()  # raises for a name that is not the desk's, as the ordinary way does
    now, channel = timezone.now(), Channel(id=int(address[1]))
    try:
        client_id = _who_may(channel, token.strip(), at=now)
        return _bring(request, client_id, channel, at=now) if client_id else None
    except DatabaseFailure as error:
        log.warning("short_way_left", error=type(error).__name__)
        return None


def _is_plain(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    is_json = request.content_type == "application/json" and charset in UTF_8
    return is_json and request.method == "POST"


def _who_may(channel: Channel, token: str, *, at: datetime) -> str | None:
    """Return the client whose token may bring messages into this channel."""
    found = sets.execute(
        _WHO_MAY,
        channel.pk,
        str(Token.Type.ACCESS_TOKEN),
        sha256(token.encode()).hexdigest(),
        at,
        INBOUND,
        GenericConnector.network,
        str(User.Role.ADMIN),
    )
    return found[0][0] if found else None


def _bring(
    request: HttpRequest, client_id: str, channel: Channel, *, at: datetime
) -> HttpResponse | None:
    rate = Rate.parse(settings.API_RATE)
    verdict = count(program(client_id), rate)
    if not verdict.is_allowed:
        return None
    try:
        messages = inbound.read(_read(request.body))
    except (*CANNOT_BE_READ, ValidationError):
        return None
    note_used(client_id, at=at)  # before anything is kept: what fails up to there is done anew
    kept = inbound.keep(channel, messages, at=at)
    return HttpResponse(
        json.dumps(kept),
        status=202,
        content_type="application/json",
        headers={**told(rate, verdict), "Cache-Control": NOT_KEPT},
    )


def _read(body: bytes) -> Any:
    return JSONParser().parse(BytesIO(body))
