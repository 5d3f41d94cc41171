"""The place of `reports` among the installed apps."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """What is counted."""

    name = "apps.reports"
