"""The place of `conversations` among the installed apps."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """The heart: messages, conversations, clocks."""

    name = "apps.conversations"
