"""When people mean to be on."""

from django.db import models
from django.db.models import F, Q


class Shift(models.Model):
    """When an agent means to be on; without an end, until further notice."""

    user = models.ForeignKey("agents.User", on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "starts_at"], name="shift_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="shift_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.starts_at:%Y-%m-%d %H:%M}"
