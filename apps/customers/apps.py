"""The place of `customers` among the installed apps."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Who the people outside the desk are."""

    name = "apps.customers"
