import time
from collections.abc import Callable

import pytest
from django.test import Client

from apps.agents.models import Team, User
from tests import people

Window = Callable[..., Client]


@pytest.fixture
def care(db: None) -> Team:
    return people.a_team("Care")


@pytest.fixture
def ana(care: Team) -> User:
    return people.ana(care)


@pytest.fixture
def mia(care: Team) -> User:
    return people.mia(care)


@pytest.fixture
def ada(care: Team) -> User:
    return people.a_user("Ada Moreau", role="admin")


def window(user: User, *, is_confirmed: bool = True) -> Client:
    """Somebody's browser, who lately showed that it is them unless told otherwise."""
    client = Client()
    client.force_login(user)
    if is_confirmed:
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client
