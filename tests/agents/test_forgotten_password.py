"""Somebody forgot their password: a letter, a link, a new one."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.people import PASSWORD, ana

pytestmark = pytest.mark.django_db


def _links() -> list[str]:
    return re.findall(r"http://testserver(/\S+)", str(mail.outbox[-1].body))


def test_a_forgotten_password_is_replaced_by_the_link_in_a_letter() -> None:
    ana()
    browser = Client()
    asked = browser.post("/accounts/password/reset/", {"email": "ana@acme.example"}, follow=True)
    assert asked.status_code == 200
    [letter] = mail.outbox
    assert letter.to == ["ana@acme.example"]

    form = browser.get(_links()[0], follow=True)
    assert form.status_code == 200
    assert b'name="password1"' in form.content
    done = browser.post(
        form.request["PATH_INFO"],
        {"password1": "quite another one 7", "password2": "quite another one 7"},
        follow=True,
    )
    assert done.status_code == 200
    assert b"error" not in done.content.lower()

    old = Client().post("/accounts/login/", {"login": "ana@acme.example", "password": PASSWORD})
    assert old.status_code == 200
    new = Client().post(
        "/accounts/login/", {"login": "ana@acme.example", "password": "quite another one 7"}
    )
    assert new.status_code == 302


def test_an_unknown_address_is_answered_like_a_known_one() -> None:
    ana()
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("ana@acme.example", "nobody@acme.example")
    ]
    known, unknown = (_without_tokens(answer.content) for answer in answers)
    assert known.replace("ana@", "nobody@") == unknown


def _without_tokens(page: bytes) -> str:
    """Without what differs between any two pages: the form's token and the time of day."""
    return re.sub(r"[0-9A-Za-z]{64}|\d\d:\d\d:\d\d[.\d]*", "", page.decode())


def test_a_used_or_broken_link_says_so_and_offers_another() -> None:
    page = Client().get("/accounts/password/reset/key/1-set-password/", follow=True)
    assert page.status_code == 200
    assert b"/accounts/password/reset/" in page.content
