"""`manage.py add_channel`: connect a brand account."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.agents.operations import team_named
from apps.channels.operations import connect
from apps.channels.registry import BROUGHT_IN, CONNECTORS, RECEIVING_ONLY
from apps.common.errors import DeskError
from socialdesk.management.asking import secret
from socialdesk.management.deciding import DecidingCommand


class Command(DecidingCommand):
    """Connects one account and tells where its network shall deliver."""

    help = "Connect a brand account; its token is asked for, or taken from CHANNEL_TOKEN."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which account it is and who answers for it."""
        parser.add_argument("network", choices=sorted(CONNECTORS.keys() - set(RECEIVING_ONLY)))
        parser.add_argument("--handle", required=True, help="as people write it: @acme")
        parser.add_argument("--account-id", required=True, help="the account's id on the network")
        parser.add_argument("--base-url", default="", help="where the network is")
        parser.add_argument("--team", required=True, help="who answers for it; made if need be")

    def handle(
        self,
        *_args: object,
        network: str,
        handle: str,
        account_id: str,
        base_url: str,
        team: str,
        **_options: object,
    ) -> None:
        """Connect it, or say what to correct."""
        token = "" if network in BROUGHT_IN else secret("CHANNEL_TOKEN", "account's token")
        try:
            with transaction.atomic():
                channel = connect(
                    network=network,
                    handle=handle,
                    account_id=account_id,
                    team=team_named(name=team, by=None, at=timezone.now()),
                    base_url=base_url,
                    token=token,
                    by=None,
                    at=timezone.now(),
                )
        except DeskError as error:
            raise CommandError(str(error)) from error
        if network in BROUGHT_IN:
            address = f"{settings.DESK_URL}/api/v1/channels/{channel.pk}/messages/"
            self.stdout.write(f"{channel} is connected. Let a program bring messages in there:")
            self.stdout.write(f"  {address}")
            return
        address = settings.DESK_URL + reverse("webhook", args=[channel.pk])
        self.stdout.write(f"{channel} is connected. Let the network deliver there:")
        self.stdout.write(f"  webhook address: {address}")
        self.stdout.write(f"  signing secret:  {channel.webhook_secret}")
