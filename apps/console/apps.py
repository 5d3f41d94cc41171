"""The place of `console` among the installed apps."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The HTML face."""

    name = "apps.console"
