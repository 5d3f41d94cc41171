"""Somebody's browser, signed in."""

import time

from django.test import Client

from apps.agents.models import User
from tests import people


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


def signed_in(user: User) -> Client:
    """Somebody's browser, after they typed their password."""
    client = Client()
    assert client.post("/accounts/login/", password_of(user)).status_code == 302
    return client


def password_of(user: User) -> dict[str, str]:
    """What somebody types to sign in."""
    return {"login": user.email, "password": people.PASSWORD}
