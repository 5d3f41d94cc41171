"""The place of `square` among the installed apps."""

from django.apps import AppConfig


class SquareConfig(AppConfig):
    """The practice network."""

    name = "apps.square"
