"""The place of `channels` among the installed apps."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Connected accounts and the connectors."""

    name = "apps.channels"
