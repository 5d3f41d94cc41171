"""Messages that programs bring into generic channels: what they are made of, read and kept."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.api.instants import Instant
from apps.channels.connector import LONGEST_ID, Surface
from apps.channels.models import Channel
from apps.intake import operations

MOST_AT_ONCE = 100


class InboundSerializer(serializers.Serializer[Any]):
    """One message that a customer wrote somewhere else. Known by `id`, it is stored once."""

    id = serializers.CharField(max_length=LONGEST_ID)
    author_id = serializers.CharField(max_length=LONGEST_ID)
    author_handle = serializers.CharField(max_length=200)
    author_name = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False)
    posted_at = Instant()
    parent_id = serializers.CharField(max_length=LONGEST_ID, required=False, allow_null=True)
    surface = serializers.ChoiceField(choices=[str(s) for s in Surface], default="direct")
    url = serializers.URLField(max_length=2000, required=False, default="", allow_blank=True)
    language = serializers.CharField(max_length=35, required=False, default="", allow_blank=True)


class BatchSerializer(serializers.Serializer[Any]):
    """Up to 100 messages, taken in as one."""

    messages = serializers.ListField(
        child=InboundSerializer(), min_length=1, max_length=MOST_AT_ONCE
    )


ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="InboundMessages",
    serializers=[InboundSerializer, BatchSerializer],
    resource_type_field_name=None,
)


class KeptSerializer(serializers.Serializer[Any]):
    """What was sent is kept, and is read in a moment."""

    delivery = serializers.IntegerField()
    messages = serializers.IntegerField()


# To make a serializer costs more than to use it, and these two know nothing of a request.
_one, _batch = InboundSerializer(), BatchSerializer()


def read(said: Any) -> list[Mapping[str, Any]]:
    """Return the messages of a request, checked; raises ValidationError."""
    if isinstance(said, dict) and "messages" in said:
        several: list[Mapping[str, Any]] = _batch.run_validation(said)["messages"]
        return several
    return [_one.run_validation(said)]


def keep(
    channel: Channel, messages: Sequence[Mapping[str, Any]], *, at: datetime
) -> dict[str, int]:
    """Keep them as one Delivery; returns what the answer tells of it."""
    body = json.dumps({"messages": messages}, default=datetime.isoformat).encode()
    delivery_id = operations.keep(channel=channel, body=body, at=at)
    return {"delivery": delivery_id, "messages": len(messages)}
