"""`manage.py add_policy`: promise how fast people are answered."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.management.base import CommandError
from django.db.models import Model, QuerySet
from django.utils import timezone

from apps.agents.models import Team
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.labels.models import Flag, Tag
from apps.labels.operations import key_of
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import save_policy
from apps.sla.queries import present_policies
from socialdesk.management.deciding import DecidingCommand

Row = TypeVar("Row", bound=Model)
TARGETS = ("first_response", "next_response", "resolution")


class Command(DecidingCommand):
    """Adds a policy to the ordered list; the first that fits judges a wait."""

    help = "Promise how fast people are answered, from the next wait on."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take for whom it is, the targets in minutes, and by which hours they count."""
        parser.add_argument("--name", required=True, help="what the list and clocks call it")
        for target in TARGETS:
            minutes = f"--{target.replace('_', '-')}"
            parser.add_argument(minutes, type=int, metavar="MINUTES", dest=f"{target}_minutes")
        parser.add_argument("--channel", default="", help="only this account's, by its handle")
        parser.add_argument("--team", default="", help="only this team's")
        parser.add_argument("--surface", default="", help="only mention, comment or direct")
        parser.add_argument("--priority", default="", help="only low, normal, high or urgent")
        parser.add_argument("--tag", default="", help="only what was tagged so when it opened")
        parser.add_argument("--flag", default="", help="only customers who bore it by then")
        parser.add_argument(
            "--rank", type=int, help="its place in the list, 1 the first; else last"
        )
        parser.add_argument("--hours", default="", help="by these opening hours, else 24/7")
        parser.add_argument("--warn-percent", type=int, default=80, metavar="PERCENT")

    def handle(self, *_args: object, **options: Any) -> None:
        """Save it, or say what to correct."""
        said = PolicyVersion(
            channel=_one_of(Channel.objects.filter(handle=options["channel"]), "channel", options),
            team=_one_of(Team.objects.filter(name=options["team"]), "team", options),
            tag=_one_of(Tag.objects.filter(key=key_of(options["tag"])), "tag", options),
            flag=_one_of(Flag.objects.filter(key=key_of(options["flag"])), "flag", options),
            business_hours=_one_of(
                BusinessHours.objects.filter(name=options["hours"]), "hours", options
            ),
            name=options["name"],
            surface=options["surface"],
            priority=options["priority"],
            warn_percent=options["warn_percent"],
            **{f"{target}_minutes": options[f"{target}_minutes"] for target in TARGETS},
        )
        try:
            saved = save_policy(said=said, rank=options["rank"], by=None, at=timezone.now())
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{saved.name} is number {present_policies().index(saved) + 1} of the list;"
            " the first that fits judges a wait."
        )


def _one_of(found: QuerySet[Row], what: str, options: Mapping[str, str]) -> Row | None:
    """Return the one that was named, if any was."""
    if not options[what]:
        return None
    if len(found) != 1:
        many = "several" if found else "none"
        raise CommandError(f"Name one {what}: there are {many} called {options[what]}.")
    return found[0]
