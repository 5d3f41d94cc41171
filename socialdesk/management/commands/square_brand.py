"""`manage.py square_brand`: what a brand does on Square's side before a desk can connect it."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.common.errors import DeskError
from apps.square import operations
from socialdesk.management.asking import secret


class Command(BaseCommand):
    """Lets a brand join Square and have a token, or say where it wants to hear of posts."""

    help = "Let a brand join Square and get a new token; --webhook tells Square where to deliver."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the brand and where it wants to hear."""
        parser.add_argument("handle", help="the brand's handle: acme")
        parser.add_argument("--name", default="", help="as customers read it")
        parser.add_argument(
            "--webhook",
            metavar="ADDRESS",
            help="deliver there; the secret is asked for, or taken from WEBHOOK_SECRET",
        )

    def handle(
        self, *_args: object, handle: str, name: str, webhook: str | None, **_options: object
    ) -> None:
        """Do the one or the other, or say what to correct."""
        try:
            brand = operations.join(handle=handle, name=name, is_brand=True, at=timezone.now())
            if webhook:
                signing = secret("WEBHOOK_SECRET", "webhook's signing secret")
                operations.subscribe(person=brand, url=webhook, secret=signing)
                self.stdout.write(f"Square delivers what concerns @{brand.handle} to {webhook}")
                return
            token = operations.issue_token(person=brand)
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"@{brand.handle} is on Square:")
        self.stdout.write(f"  account id: {brand.external_id}")
        self.stdout.write(f"  token:      {token}")
