import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest
import redis
from django.db import connection
from django.test import Client

from apps.agents.models import Team, User
from apps.common.bus import NUDGE_CHANNEL
from tests.live.ears import Ear
from tests.live.processes import Bus, Cable, Live, free_port, running_live


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    bus = Bus(port=free_port(), folder=tmp_path_factory.mktemp("bus"))
    bus.start()
    yield bus
    bus.kill()


@pytest.fixture(scope="session")
def cable(django_db_setup: None) -> Iterator[Cable]:
    settings = connection.settings_dict
    cable = Cable((settings["HOST"] or "127.0.0.1", int(settings["PORT"] or 5432)))
    yield cable
    cable.close()


@pytest.fixture(scope="session")
def live_environment(bus: Bus, cable: Cable) -> dict[str, str]:
    """Where the live process finds the database of the tests and a bus of its own."""
    settings = connection.settings_dict
    sign_in = f"{quote(settings['USER'], safe='')}:{quote(settings['PASSWORD'] or '', safe='')}"
    return {
        "DATABASE_URL": f"postgresql://{sign_in}@127.0.0.1:{cable.port}/{settings['NAME']}",
        "REDIS_URL": bus.url,
    }


@pytest.fixture(scope="session")
def live(live_environment: dict[str, str]) -> Iterator[Live]:
    with running_live(live_environment, web_port=free_port()) as live:
        yield live


@pytest.fixture
def publish(bus: Bus) -> Iterator[Callable[..., None]]:
    """Publish a change as the desk does, on the bus of these tests."""
    client = redis.Redis.from_url(bus.url)

    def change(team: Team | None, *conversations: int) -> None:
        nudge = {
            "kind": "changed",
            "team": team and team.id,
            "events": ["received"],
            "conversations": list(conversations),
        }
        client.publish(NUDGE_CHANNEL, json.dumps(nudge))

    yield change
    client.close()


@pytest.fixture
def care(transactional_db: None) -> Team:
    return Team.objects.create(name="Care")


@pytest.fixture
def sales(transactional_db: None) -> Team:
    return Team.objects.create(name="Sales")


@pytest.fixture
def listen(live: Live) -> Iterator[Callable[[str], Ear]]:
    """Open a stream with a session, and wait until it hears."""
    with ExitStack() as opened:

        def open_ear(session_key: str) -> Ear:
            ear = Ear(live, session_key)
            opened.callback(ear.close)
            assert ear.status == 200
            ear.wait_for("bus-up", seconds=10)
            return ear

        yield open_ear


def sign_in(user: User) -> str:
    """Return the session key of a new session."""
    client = Client()
    client.force_login(user)
    key: str = client.cookies["sessionid"].value
    return key
