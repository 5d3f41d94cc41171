"""`manage.py`: any command with the servers it needs, started on demand and stopped after it."""

import signal
import sys
from contextlib import nullcontext
from types import FrameType

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

from socialdesk.servers.errors import ServersError
from socialdesk.servers.holding import hold

WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "down",
    "findstatic",
    "help",
    "makemessages",
    "part",
    "reset",
    "simulate",
    "version",
}


def run(arguments: list[str]) -> None:
    """Run one management command; what it can't have is told in a sentence, not a traceback."""
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # unless started with nohup
        signal.signal(signal.SIGHUP, _leave)
    try:
        with hold() if needs_database(arguments) else nullcontext():
            # Alone, the next line would go on without settings that can't be read, to a traceback.
            django.setup()
            execute_from_command_line(arguments)
    except (ServersError, ImproperlyConfigured, EnvError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def needs_database(arguments: list[str]) -> bool:
    """Whether the command line asks for something that reads or writes the database."""
    if len(arguments) < 2 or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[1] not in WITHOUT_DATABASE or "--database" in arguments


def _leave(number: int, _frame: FrameType | None) -> None:
    """End the command as Ctrl-C does, so that what it holds is let go."""
    sys.exit(128 + number)
