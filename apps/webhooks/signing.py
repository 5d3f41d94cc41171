"""Signatures as Standard Webhooks have them, by as many secrets as hold."""

import base64
import json
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

from apps.common.http import Call
from apps.webhooks.catalogue import payload
from apps.webhooks.models import Dispatch

SECRET_BYTES = 24


def new_secret() -> str:
    """Return a secret as Standard Webhooks write it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def signed(dispatch: Dispatch, *, at: datetime) -> Call:
    """Return the request that tells of it, signed at that instant."""
    subscription = dispatch.subscription
    body = json.dumps(payload(dispatch.event), separators=(",", ":"))
    signatures = [
        # The library takes the instant's wall time for UTC, whatever zone it carries.
        Webhook(secret).sign(dispatch.webhook_id, at.astimezone(UTC), body)
        for secret in subscription.secrets_at(at)
    ]
    return Call(
        method="POST",
        url=subscription.url,
        headers={
            "content-type": "application/json",
            "user-agent": "SocialDesk-Webhooks",
            "webhook-id": dispatch.webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        },
        body=body.encode(),
    )
