"""The place of `labels` among the installed apps."""

from django.apps import AppConfig


class LabelsConfig(AppConfig):
    """The words that managers name: tags of conversations, flags of customers."""

    name = "apps.labels"
