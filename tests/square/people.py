"""Who is on Square in these tests."""

from datetime import UTC, datetime

from apps.square import operations
from apps.square.models import Person

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "whsec_c29jaWFsLWRlc2stdGVzdHMtb25seS1zZWNyZXQ="


def acme(handle: str = "acme", *, url: str | None = None) -> Person:
    """A brand; with an address, it hears of posts there."""
    brand = operations.join(handle=handle, name="Acme Care", is_brand=True, at=NOON)
    if url is not None:
        operations.subscribe(person=brand, url=url, secret=SECRET)
    return brand


def kim(handle: str = "kim_lee") -> Person:
    return operations.join(handle=handle, name="Kim Lee", at=NOON)
