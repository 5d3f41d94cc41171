"""The ledger's place among the installed apps."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The append-only ledger and the one publishing place."""

    name = "apps.ledger"
