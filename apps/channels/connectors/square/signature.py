"""Signatures by the Standard Webhooks rules, checked by code of our own.

The library's `verify` decodes the body and answers malformed headers with a variety of errors;
here the raw bytes are signed, and whatever is wrong is a SignatureError.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.channels.connector import SignatureError

WINDOW_SECONDS = 5 * 60
_SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with, not one
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def verify(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, at: datetime
) -> None:
    """Raise SignatureError unless one of the secrets signed exactly this body within 5 minutes."""
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id = _header(given, "webhook-id")
    timestamp = _header(given, "webhook-timestamp")
    signatures = _header(given, "webhook-signature").split(" ")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureError("webhook-timestamp is not a number of seconds")
    if abs(at.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise SignatureError("webhook-timestamp is more than 5 minutes away from now")
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = [_sign(key, signed) for key in _keys(secrets)]
    # Every pair is compared, so that the time taken tells nothing about which one failed.
    matches = [hmac.compare_digest(one, other.encode()) for one in expected for other in signatures]
    if not any(matches):
        raise SignatureError("no signature matches the body")


def _header(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    if not value or not value.isascii():
        raise SignatureError(f"{name} is missing or malformed")
    return value


def _keys(secrets: Sequence[str]) -> list[bytes]:
    """Return the keys of the secrets that are well formed; an empty key would admit anybody."""
    keys = []
    for secret in secrets:
        try:
            key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
        except ValueError:
            continue
        if key:
            keys.append(key)
    return keys


def _sign(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
