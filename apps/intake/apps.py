"""The place of `intake` among the installed apps."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """What comes in."""

    name = "apps.intake"
