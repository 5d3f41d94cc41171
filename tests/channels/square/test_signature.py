"""Who may hand something in: only who holds a secret, now, over exactly these bytes."""

import base64
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from apps.channels.connector import SignatureError
from apps.channels.connectors.square.connector import SquareConnector
from tests.channels.square.people import OTHER_SECRET, SECRET, AcmesAccount
from tests.people import NOON

BODY = '{"type": "posts.created", "posts": []} 😩'.encode()
square = SquareConnector()
# The first text of a fresh machine waits while the tables of Unicode are built.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def signed(*, secret: str = SECRET, at: datetime = NOON, body: bytes = BODY) -> dict[str, str]:
    """Headers as the Standard Webhooks library makes them."""
    return {
        "Webhook-Id": "notice_7",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("notice_7", at, body.decode()),
    }


def test_what_the_library_signs_is_accepted() -> None:
    square.verify(AcmesAccount(), signed(), BODY, at=NOON)


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    account = AcmesAccount(webhook_secrets=[OTHER_SECRET, SECRET])
    square.verify(account, signed(secret=SECRET), BODY, at=NOON)
    square.verify(account, signed(secret=OTHER_SECRET), BODY, at=NOON)


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed()
    headers["Webhook-Signature"] = f"v1,AAAA v9,x {headers['Webhook-Signature']}"
    square.verify(AcmesAccount(), headers, BODY, at=NOON)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_away_is_still_accepted(seconds: int) -> None:
    square.verify(AcmesAccount(), signed(), BODY, at=NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_than_five_minutes_away_is_refused(seconds: int) -> None:
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(), signed(), BODY, at=NOON + timedelta(seconds=seconds))


def test_a_changed_byte_is_refused() -> None:
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(), signed(), BODY + b" ", at=NOON)


def test_another_secret_is_refused() -> None:
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(), signed(secret=OTHER_SECRET), BODY, at=NOON)


@pytest.mark.parametrize("secrets", [[], ["whsec_"], [""], ["whsec_not base64!"]])
def test_no_usable_secret_admits_nobody(secrets: list[str]) -> None:
    empty_key = "v1," + base64.b64encode(b"").decode()
    headers = {**signed(), "Webhook-Signature": empty_key}
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(webhook_secrets=secrets), headers, BODY, at=NOON)


@pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_missing_header_is_refused(missing: str) -> None:
    headers = signed()
    del headers[missing]
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(), headers, BODY, at=NOON)


@patient
@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "WEBHOOK-TIMESTAMP", "webhook-signature"]),
        st.one_of(st.text(), st.from_regex(r"v1,.*"), st.integers().map(str)),
    ),
    body=st.binary(),
    secrets=st.lists(st.one_of(st.text(), st.binary().map(lambda b: base64.b64encode(b).decode()))),
)
def test_nothing_that_a_stranger_sends_raises_anything_else(
    headers: dict[str, str], body: bytes, secrets: list[str]
) -> None:
    with pytest.raises(SignatureError):
        square.verify(AcmesAccount(webhook_secrets=secrets), headers, body, at=NOON)
