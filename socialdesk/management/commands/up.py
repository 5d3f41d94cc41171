"""`manage.py up`: the whole desk in one terminal, until Ctrl-C."""

import os
import resource

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from apps.agents.models import User
from socialdesk.demo import sign_ins
from socialdesk.demo.square import follow_the_desk
from socialdesk.servers.valkey import Valkey
from socialdesk.supervisor.one_desk import the_only_desk
from socialdesk.supervisor.output import say
from socialdesk.supervisor.parts import all_parts
from socialdesk.supervisor.ports import require_free
from socialdesk.supervisor.ready import announce_when_ready
from socialdesk.supervisor.supervisor import guarded, run, stoppable


class Command(BaseCommand):
    """Migrate, prepare the demo desk if the database is empty, then run every process."""

    help = "Run the desk: web, live, worker and scheduler, until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        """Run until someone wants it to end; that is a success."""
        # The parts run in the checkout, wherever we were started.
        os.environ["DESK_HOME"] = str(settings.DESK_HOME)
        Valkey().check(settings.REDIS_URL)
        with (
            stoppable(),
            the_only_desk(settings.DESK_HOME, pid=os.getpid(), url=settings.DESK_URL),
            guarded() as tell_guard,
        ):
            require_free("PORT", host=settings.BIND, port=settings.PORT)
            require_free("LIVE_PORT", host=settings.BIND, port=settings.LIVE_PORT)
            _allow_many_streams()
            _prepare()
            announce_when_ready(sign_ins())
            run(all_parts(), tell_guard)


def _prepare() -> None:
    say("desk", "bringing the database up to date")
    call_command("migrate", verbosity=0, interactive=False)
    if settings.DESK_DEMO and not User.objects.exists():
        say("desk", "preparing the demo desk")
        call_command("demo")
    follow_the_desk()
    connections.close_all()


def _allow_many_streams() -> None:
    """Open files up to what the system allows: each live stream is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
