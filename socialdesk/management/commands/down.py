"""`manage.py down`: stop the desk of this DESK_HOME."""

import os
import signal

from django.conf import settings
from django.core.management.base import BaseCommand

from socialdesk import servers
from socialdesk.servers.processes import Life, wait_for_end
from socialdesk.supervisor.one_desk import running_pid


class Command(BaseCommand):
    """Stop what `up` runs in another terminal, or what a killed one left behind."""

    help = "Stop a running desk, and the servers a killed one may have left."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        """Wait until all of it has ended."""
        pid = running_pid(settings.DESK_HOME)
        desk = Life.of(pid) if pid else None
        if desk:
            os.kill(desk.pid, signal.SIGTERM)
            if not wait_for_end([desk], seconds=40):
                raise servers.ServersError(
                    f"The desk did not stop; end it yourself: kill -9 {desk.pid}"
                )
            self.stdout.write("The desk has stopped.")
        else:
            servers.clear_away()
            self.stdout.write(f"No desk runs from {settings.DESK_HOME}.")
