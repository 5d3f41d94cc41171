"""Let synthetic customers write on Square at the running desk."""

import secrets
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from socialdesk.simulation.run import Figures, Simulation
from socialdesk.simulation.script import first_posts
from socialdesk.simulation.visitor import SquareError, UnreachableError, Visitor

FASTEST = 6_000


class Command(BaseCommand):
    """Posts at random instants, in several languages; the same seed gives the same script."""

    requires_system_checks = ()
    help = "Let synthetic customers write on Square, the practice network, at the running desk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the pace, the length, the seed and the address."""
        parser.add_argument("--rate", type=float, default=6, help="posts a minute on average (6)")
        parser.add_argument("--minutes", type=float, default=5, help="how long to go on (5)")
        parser.add_argument("--seed", type=int, default=1, help="the script to play (1)")
        parser.add_argument(
            "--url", default=f"{settings.DESK_URL}/square/", help="where Square is (%(default)s)"
        )

    def handle(self, *, rate: float, minutes: float, seed: int, url: str, **_: object) -> None:
        """Play the script, showing what happens, until the time is over or Ctrl-C."""
        if not 0 < rate <= FASTEST or not minutes > 0:
            raise CommandError(f"--rate is from above 0 to {FASTEST} and --minutes is above 0.")
        visitor = Visitor(url)
        brands = self._brands(visitor, url)
        simulation = Simulation(visitor, seed=seed, name=secrets.token_hex(8))
        lines = first_posts(seed=seed, rate=rate, brands=brands)
        ending = "Done"
        with _progress() as progress:
            bar = progress.add_task("", total=rate * minutes, figures="")
            try:
                simulation.play(
                    lines,
                    seconds=minutes * 60,
                    show=lambda: progress.update(
                        bar,
                        completed=simulation.figures.posts,
                        figures=_sentence(simulation.figures),
                    ),
                )
            except KeyboardInterrupt:
                ending = "Stopped"
        self.stdout.write(f"{ending}: {_sentence(simulation.figures)}.")
        for reason in sorted(set(simulation.figures.refused)):
            self.stderr.write(f"Refused: {reason}")

    def _brands(self, visitor: Visitor, url: str) -> list[str]:
        try:
            brands = visitor.brands()
        except UnreachableError as error:
            raise CommandError(
                f"No desk answers at {url}: start it with `make up`, then run this again."
            ) from error
        except SquareError as error:
            raise CommandError(
                f"There is no Square at {url} ({error}): check the address, or start the desk "
                "with SQUARE=1."
            ) from error
        if not brands:
            raise CommandError(f"No brand is on Square at {url}: run `make reset`, then `make up`.")
        return brands


def _progress() -> Progress:
    return Progress(
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _sentence(figures: Figures) -> str:
    parts = [
        f"{figures.posts} posts",
        f"{figures.answers} answers seen",
        f"{figures.replies} replies to them",
    ]
    if figures.away:
        parts.append(f"{figures.away} times nobody answered")
    if figures.refused:
        parts.append(f"{len(figures.refused)} refused")
    return ", ".join(parts)
