"""Programs outside, which hear of events and check who told them."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.utils import timezone
from standardwebhooks import Webhook

from apps.agents.models import Team, User
from apps.webhooks.models import Subscription
from apps.webhooks.operations.subscribing import subscribe
from tests.stub_network import Heard, StubNetwork


def listening(
    network: StubNetwork, *, by: User, kinds: Collection[str] = ("received",), teams: Any = ()
) -> Subscription:
    """A subscription of that endpoint."""
    return subscribe(
        name="CRM",
        url=f"{network.url}/hook",
        kinds=kinds,
        teams=list[Team](teams),
        by=by,
        at=timezone.now(),
    )


def told(heard: Heard, secret: str) -> dict[str, Any]:
    """What a request says, once a library that is not ours has verified it."""
    said: dict[str, Any] = Webhook(secret).verify(heard.body, heard.headers)
    return said


def messages(network: StubNetwork, secret: str) -> Counter[int]:
    """How often each message was told of."""
    return Counter(told(heard, secret)["data"]["message_id"] for heard in network.heard)
