"""The desk's own words: tags of conversations and flags of customers."""

from typing import Any

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from apps.api.base import Resource
from apps.labels.models import Flag, Tag


class TagSerializer(serializers.ModelSerializer[Tag]):
    """What a conversation is about; a retired one can't be given any more."""

    class Meta:
        model = Tag
        fields = ["id", "name", "colour", "is_retired"]


class FlagSerializer(serializers.ModelSerializer[Flag]):
    """What to mind about a customer; a retired one can't be given any more."""

    class Meta:
        model = Flag
        fields = ["id", "name", "colour", "is_retired"]


class Tags(ListModelMixin, RetrieveModelMixin, Resource[Tag]):
    """All tags of the desk."""

    serializer_class = TagSerializer
    queryset: Any = Tag._default_manager.all()


class Flags(ListModelMixin, RetrieveModelMixin, Resource[Flag]):
    """All flags of the desk."""

    serializer_class = FlagSerializer
    queryset: Any = Flag._default_manager.all()
