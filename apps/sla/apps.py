"""The place of `sla` among the installed apps."""

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """What the desk promises, and when it is open."""

    name = "apps.sla"
