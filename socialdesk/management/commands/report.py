"""`manage.py report`: the dashboard's figures for the terminal, and for programs."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Min
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from apps.agents.models import User
from apps.conversations.models import Clock, Message
from apps.reports.periods import Period, zone
from apps.reports.plain import (
    Data,
    plural,
    promises_as_data,
    times_as_data,
    volume_as_data,
)
from apps.reports.questions import By, Question, Way

WIDTH = 200
REPORTS: dict[str, Callable[[Question, By], Data]] = {
    "response_times": times_as_data,
    "resolution": lambda question, by: times_as_data(question, by, kinds=[Clock.Kind.RESOLUTION]),
    "compliance": promises_as_data,
    "volume": volume_as_data,
}


class Command(BaseCommand):
    """Tells the figures of the whole desk, as an admin's dashboard has them."""

    help = "Tell how long people waited, what was promised and kept, or how much was said."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which report, one line for what, and of which days."""
        parser.add_argument("report", choices=REPORTS)
        parser.add_argument("--by", type=By, choices=list(By), default=By.CHANNEL)
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="the first day; else since ever"
        )
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, help="the last day; else today"
        )
        parser.add_argument(
            "--exact", action="store_true", help="count every wait, however many there are"
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: object, **options: Any) -> None:
        """Count, and tell."""
        at = timezone.now()
        last = options["last"] or at.astimezone(zone()).date()
        first = options["first"] or min(_first_day() or last, last)
        if first > last:
            raise CommandError("The first day comes after the last: swap --from and --to.")
        question = Question(
            user=User(role=User.Role.ADMIN),
            period=Period(first, last),
            at=at,
            way=Way.EXACT if options["exact"] else Way.BY_SIZE,
        )
        told = REPORTS[options["report"]](question, options["by"])
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=1))
        else:
            self._show(told, options["by"])

    def _show(self, told: Data, by: By) -> None:
        """One line of cells a line; exactness is said where it isn't."""
        rows = {**told[plural(by)], "All": told["all"]}
        table = Table(str(by).replace("_", " ").capitalize(), *_cells(told["all"]))
        for name, line in rows.items():
            table.add_row(name, *(_written(value) for value in _cells(line).values()))
        text = StringIO()
        console = Console(file=text, width=WIDTH)
        console.print(f"{told['from']} to {told['to']}, days in {told['zone']}")
        console.print(table)
        if not told["exact"]:
            console.print(
                f"Percentiles are within {told['bound']:.0%}, from sums of days; --exact counts"
                " every wait."
            )
        self.stdout.write(text.getvalue())


def _first_day() -> date | None:
    firsts = [
        Clock.objects.aggregate(first=Min("started_at"))["first"],
        Message.objects.aggregate(first=Min("posted_at"))["first"],
    ]
    return min((at.astimezone(zone()).date() for at in firsts if at), default=None)


def _cells(line: Data) -> dict[str, Any]:
    """Flatten a line: what is told of a kind is named after both."""
    cells: dict[str, Any] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            cells |= {f"{name} {of}".replace("_", " "): one for of, one in value.items()}
        else:
            cells[name.replace("_", " ")] = value
    return cells


def _written(value: float | int | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
