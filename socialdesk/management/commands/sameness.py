"""`manage.py sameness`: how much of what each channel said was said before."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from apps.conversations.queries.sameness import sharing_by_channel
from apps.conversations.sameness.sharing import Sharing


class Command(BaseCommand):
    """Counts near-duplicates among the stored replies, exactly, from their texts."""

    help = "Tell for each channel how many of its stored replies nearly repeat another of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether a program reads what is told."""
        parser.add_argument("--report", choices=["json"], help="print the figures as JSON")

    def handle(self, *_args: object, report: str | None, **_options: object) -> None:
        """Tell of every channel that ever answered."""
        counted = {
            _name(channel.handle): shared
            for channel, shared in sharing_by_channel()
            if shared.replies
        }
        if report:
            told = {"channels": {name: _figures(shared) for name, shared in counted.items()}}
            self.stdout.write(json.dumps(told, indent=1))
            return
        for name, shared in counted.items():
            self.stdout.write(
                f"{name}: {100 * shared.share:.1f} % of {shared.compared:,} replies nearly"
                " repeat another."
            )
        if not counted:
            self.stdout.write("No channel has answered yet.")


def _name(handle: str) -> str:
    return handle.removeprefix("@")


def _figures(shared: Sharing) -> dict[str, object]:
    return {
        "replies": shared.replies,
        "compared": shared.compared,
        "near_duplicates": shared.near_duplicates,
        "near_dup_share": round(shared.share, 4),
    }
