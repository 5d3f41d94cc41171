from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.channels.models import Channel
from tests import people
from tests.people import Kim

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
SignIn = Callable[[User], Client]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def care(db: None) -> Team:
    return people.a_team("Care")


@pytest.fixture
def ana(care: Team) -> User:
    return people.ana(care, capacity=500)


@pytest.fixture
def mia(care: Team) -> User:
    return people.mia(care)


@pytest.fixture
def brand_channel(care: Team) -> Channel:
    return people.a_channel("@acme", team=care)


@pytest.fixture
def kim(brand_channel: Channel) -> Kim:
    return Kim(brand_channel)


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


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
