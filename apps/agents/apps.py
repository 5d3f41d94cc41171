"""The place of `agents` among the installed apps."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Users, teams, shifts and presence."""

    name = "apps.agents"
