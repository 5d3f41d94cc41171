"""`manage.py scheduler`: run the sweeps until told to stop."""

import signal
import threading

from django.core.management.base import BaseCommand

from socialdesk import scheduler


class Command(BaseCommand):
    """Runs the sweeps; any number of schedulers may run at once."""

    help = "Run the sweeps that carry the work when Redis cannot, until Ctrl-C."

    def handle(self, *_args: object, **_options: object) -> None:
        """Stop on SIGINT or SIGTERM after the sweeps at work have ended."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        scheduler.run(stop)
