"""Whom webhooks may call: public addresses, and what the settings allow besides."""

from ipaddress import ip_network

from django.conf import settings

from apps.common.guard import Guard


def guard() -> Guard:
    """Return the guard of addresses that admins type."""
    return Guard(allowed=[ip_network(network) for network in settings.WEBHOOK_ALLOWED_NETWORKS])
