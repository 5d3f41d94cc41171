"""The API's place among the installed apps."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What programs read and do at the desk."""

    name = "apps.api"
