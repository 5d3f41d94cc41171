"""`manage.py recount`: the rollups of reports, from nothing but the clocks and messages."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.reports.models import Rollup
from apps.reports.recounting import count_everything


class Command(BaseCommand):
    """Counts all that reports over many waits are summed from; figures stay what they were."""

    help = "Count the days and months that large reports are summed from anew."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        """Count everything in one transaction: who reads meanwhile is told what was before."""
        days = count_everything(at=timezone.now())
        self.stdout.write(
            f"Counted {days:,} days of teams into {Rollup.objects.count():,} rows of sums."
        )
