"""`manage.py demo`: fill an empty database with the demo desk."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from apps.common.errors import DeskError
from apps.conversations.models import Conversation
from apps.customers.models import Customer
from socialdesk.demo import prepare

STEPS = 5


class Command(BaseCommand):
    """Invented people and ninety days of their talks, so that no page is empty."""

    help = "Fill an empty database with the demo desk; never on a desk that others reach."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        """Fill it, and say what came of it."""
        if settings.PRODUCTION:
            raise CommandError(
                "The demo desk has passwords that everybody knows, so it is not for PRODUCTION."
                " Unset PRODUCTION to try the desk on this machine."
            )
        try:
            self._fill()
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The demo desk is ready: {Customer.objects.count()} customers,"
            f" {Conversation.objects.count()} conversations in ninety days."
        )

    def _fill(self) -> None:
        console = Console(highlight=False)
        if not console.is_terminal:
            prepare(at=timezone.now(), tell=console.print)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("", total=STEPS, completed=-1)

            def tell(doing: str) -> None:
                progress.update(task, description=doing, advance=1)

            prepare(at=timezone.now(), tell=tell)
