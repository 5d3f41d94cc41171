import gzip
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from apps.console.urls import urlpatterns
from tests.console.conftest import HTMX
from tests.people import Kim

pytestmark = pytest.mark.django_db

WHOLE_PAGES = ["/inbox/mine/", "/inbox/everyone/", "/dashboard/", "/set-aside/"]


def static_file(url: str) -> bytes:
    found = finders.find(url.removeprefix("/static/"))
    assert isinstance(found, str), url
    return Path(found).read_bytes()


def example(pattern: Any, part: re.Match[str]) -> str:
    """Something that may stand in this part of an address."""
    first: str = pattern.converters[part[1]].regex.split("|")[0]
    return first if re.fullmatch(r"[\w-]+", first) else "1"


def every_address() -> list[str]:
    """Of pages for those who are signed in: an invitation is for who isn't yet."""
    return [
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", partial(example, pattern.pattern), str(pattern.pattern))
        for pattern in urlpatterns
        if pattern.name != "accept"
    ]


@pytest.mark.parametrize("address", every_address())
def test_a_stranger_is_asked_to_sign_in(client: Client, address: str) -> None:
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.parametrize("address", every_address())
def test_a_piece_of_page_sends_the_whole_browser_to_sign_in(client: Client, address: str) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/inbox/mine/"}
    answer = client.post(address, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/inbox/mine/"


@pytest.mark.parametrize("address", WHOLE_PAGES)
def test_pages_carry_no_inline_style_or_script(desk: Client, kim: Kim, address: str) -> None:
    kim.writes()
    page = desk.get(address).text

    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"\son\w+=|hx-on|js:", page)


@pytest.mark.parametrize("address", WHOLE_PAGES)
def test_pages_are_never_kept_by_a_cache(desk: Client, address: str) -> None:
    assert "no-store" in desk.get(address).headers["Cache-Control"]


def test_the_first_page_weighs_less_than_300_kilobytes(
    desk: Client, many_write: Callable[[int], None]
) -> None:
    many_write(50)
    page = desk.get(reverse("inbox", args=["everyone"])).text
    linked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    imported = {"/static/console/js/list.js"}
    weight = len(gzip.compress(page.encode()))
    for url in linked | imported:
        body = static_file(url)
        weight += len(body if url.endswith("woff2") else gzip.compress(body))

    assert weight < 300_000


def test_what_is_vendored_is_what_its_readme_says() -> None:
    readme = static_file("/static/console/vendor/README.md").decode()

    assert "| htmx (`htmx.min.js`) | 4.0.1 |" in readme
    assert b"version='4.0.1'" in static_file("/static/console/vendor/htmx.min.js").replace(
        b'"', b"'"
    )
    for licence in re.findall(r"`([\w./-]+\.LICENSE)`", readme):
        assert finders.find(f"console/vendor/{licence}"), licence


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = static_file("/static/console/icons/icons.svg").decode()
    drawn = set(re.findall(r'symbol id="([\w-]+)"', sprite))
    templates = Path(__file__).parents[2] / "templates"
    used = {
        name
        for template in templates.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)" %}', template.read_text())
    }

    assert used == drawn


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/signup/",
        "/accounts/inactive/",
    ],
)
def test_the_doors_are_ours(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert 'class="alone"' in page.text


def test_a_wrong_password_says_so_without_saying_who_exists(client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "who@acme.example", "password": "guess"})
    assert 'role="alert"' in answer.text


def test_an_unknown_address_says_what_to_do(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "Check the address" in answer.text


def test_the_chosen_colours_are_drawn_by_the_server_and_nothing_else_is(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/accounts/login/").text
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/accounts/login/").text


def test_a_host_that_is_not_ours_is_answered_400_with_a_page() -> None:
    answer = Client().get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"<!doctype html>" in answer.content.lower()
