"""The webhooks' place among the installed apps."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Events out: who outside is told of what, and what became of it."""

    name = "apps.webhooks"
