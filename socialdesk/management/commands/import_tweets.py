"""`manage.py import_tweets`: real conversations of the past, to learn and to measure by."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.channels.connectors.archive.rows import NotTweetsError, Row, read
from apps.common.errors import DeskError
from apps.intake.archive.importing import Imported, channels_of, import_messages
from apps.intake.archive.routing import Routed, route
from apps.ledger.recording import by_command
from apps.reports.archive import archive_figures


class Command(BaseCommand):
    """Imports a "Customer Support on Twitter" CSV, each brand into a channel of its own."""

    help = "Import tweets from a CSV in the layout of Customer Support on Twitter, plain or gzip."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whether a program reads what is told."""
        parser.add_argument("file", type=Path, help="the CSV, plain or gzip")
        parser.add_argument(
            "--report", choices=["json"], help="print each channel's figures as JSON"
        )

    def handle(self, *_args: object, file: Path, report: str | None, **_options: object) -> None:
        """Import what can be read, tell what can't; again, it stores only what is missing."""
        try:
            rows = self._read(file)
            self._tell_of_odd_rows(file, rows)
            routed = route(row.message for row in rows if row.message)
            imported = self._receive(routed)
        except DeskError as error:
            raise CommandError(str(error)) from error
        told = self.stderr if report else self.stdout
        told.write(_summary(rows, routed, imported), str)
        if report:
            channels = channels_of(list(routed.by_brand), at=timezone.now())
            figures = archive_figures(list(channels.values()), left_out=routed.left_out)
            self.stdout.write(json.dumps(figures, indent=1))

    def _read(self, file: Path) -> list[Row]:
        try:
            with file.open("rb") as opened:
                return list(read(opened))
        except (OSError, NotTweetsError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise CommandError(f"{file.name} can't be imported: {reason}") from error

    def _receive(self, routed: Routed) -> Imported:
        with by_command("import_tweets"):  # who wrote to whom is no deed of whoever imports it
            channels_of(list(routed.by_brand), at=timezone.now())
        with _progress(sum(len(messages) for messages in routed.by_brand.values())) as progress:
            [task] = progress.task_ids
            return import_messages(
                routed.by_brand,
                at=timezone.now(),
                advance=lambda count: progress.update(task, advance=count),
            )

    def _tell_of_odd_rows(self, file: Path, rows: list[Row]) -> None:
        """One line a row; rows in succession with the same trouble share one."""
        for remark, group in groupby(rows, key=_remark):
            if remark:
                first, *others = [row.line for row in group]
                where = f"lines {first} to {others[-1]}" if others else f"line {first}"
                self.stderr.write(f"{file.name}, {where}: {remark}")


def _remark(row: Row) -> str:
    return row.remark if row.message else f"Set aside. {row.remark}"


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    console = Console(stderr=True)
    with Progress(
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        progress.add_task("", total=total)
        yield progress


def _summary(rows: list[Row], routed: Routed, imported: Imported) -> str:
    set_aside = sum(row.message is None for row in rows)
    return (
        f"Messages stored: {imported.stored}; known before: {imported.known}."
        f" Rows set aside: {set_aside}."
        f" Threads left out, since they concern no brand of the file: {routed.left_out}."
    )
