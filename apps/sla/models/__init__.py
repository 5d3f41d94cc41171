"""What the desk promises: when it is open, and how fast it answers whom."""

from apps.sla.models.business_hours import BusinessHours, BusinessHoursVersion
from apps.sla.models.policy import Policy, PolicyVersion

__all__ = ["BusinessHours", "BusinessHoursVersion", "Policy", "PolicyVersion"]
