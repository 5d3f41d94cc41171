"""Words for database constraints."""

from django.db.models import Q


def both_or_neither(first: Q, second: Q) -> Q:
    """A row satisfies both conditions or neither of them."""
    return (first & second) | (~first & ~second)
