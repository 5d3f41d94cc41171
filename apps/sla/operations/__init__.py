"""What is decided about promises: opening hours and policies."""

from apps.sla.operations.opening import save_business_hours
from apps.sla.operations.promising import (
    as_it_would_be,
    move_policy,
    retire_policy,
    save_policy,
)

__all__ = ["as_it_would_be", "move_policy", "retire_policy", "save_business_hours", "save_policy"]
