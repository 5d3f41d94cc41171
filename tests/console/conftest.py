from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import Team, User
from apps.channels.models import Channel
from tests import people
from tests.people import Kim
from tests.signing_in import window

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
SignIn = Callable[[User], Client]
Open = Callable[[User, str], Page]


@pytest.fixture
def ana(care: Team) -> User:
    return people.ana(care, capacity=500)


@pytest.fixture
def brand_channel(care: Team) -> Channel:
    return people.a_channel("@acme", team=care)


@pytest.fixture
def kim(brand_channel: Channel) -> Kim:
    return Kim(brand_channel)


@pytest.fixture
def sign_in() -> SignIn:
    return window


@pytest.fixture
def desk(ana: User, sign_in: SignIn) -> Client:
    """Ana's browser."""
    return sign_in(ana)


@pytest.fixture
def many_write(brand_channel: Channel, now: datetime) -> Callable[[int], None]:
    """Let so many customers write, each a minute after the one before."""

    def write(count: int) -> None:
        people.arrive(
            brand_channel,
            *(
                Kim(brand_channel, author_id=f"c{n}", name=f"Customer {n}").says(
                    f"message {n}", at=now - timedelta(minutes=count - n)
                )
                for n in range(count)
            ),
            at=now,
        )

    return write


@pytest.fixture
def opens(browser: Browser, live_server: LiveServer, sign_in: SignIn) -> Iterator[Open]:
    """Somebody opens a page in a browser of their own; at the end none has a complaint."""
    contexts, complaints = [], []

    def open_page(user: User, path: str) -> Page:
        context = browser.new_context()
        contexts.append(context)
        cookie = sign_in(user).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
