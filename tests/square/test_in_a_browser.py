"""Square as a visitor sees it: Chromium, wide and narrow, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.square import operations
from apps.square.models import Person, Post
from tests.square.people import acme, kim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brand(live_server: LiveServer) -> Person:
    return acme()


@pytest.fixture
def visitor(page: Page) -> Iterator[Page]:
    """A page whose every complaint, such as one of the content policy, fails the test."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert not complaints


def answer(brand: Person, post: Post) -> Post:
    return operations.post(author=brand, text="Hello Kim ^AB", parent=post, at=timezone.now())


def test_a_customer_writes_and_sees_the_answer_arrive(
    visitor: Page, live_server: LiveServer, brand: Person
) -> None:
    visitor.goto(f"{live_server.url}/square/")
    visitor.get_by_role("link", name="Write to Acme Care").click()
    expect(visitor.get_by_label("Handle")).to_be_focused()
    visitor.keyboard.type("kim_lee")
    visitor.keyboard.press("Tab")
    visitor.keyboard.type("Kim Lee")
    words = visitor.get_by_label("Your post")
    expect(words).to_have_value("@acme ")
    visitor.keyboard.press("Tab")
    visitor.keyboard.insert_text("where is it 👩‍👩‍👧‍👦")
    expect(visitor.get_by_text("19 / 500")).to_be_visible()
    words.press("Control+Enter")
    expect(visitor.get_by_text("where is it")).to_be_visible()
    answer(brand, Post.objects.get())
    expect(visitor.get_by_text("Hello Kim ^AB")).to_be_visible(timeout=2_000)


def top_of(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("at_the_end", [False, True])
def test_an_arriving_answer_moves_nothing_that_is_read_or_typed(
    visitor: Page, live_server: LiveServer, brand: Person, at_the_end: bool
) -> None:
    first = operations.post(author=kim(), text="hello", at=timezone.now())
    for _ in range(20):
        operations.post(author=kim(), text="anyone?", parent=first, at=timezone.now())
    visitor.goto(f"{live_server.url}/square/p/{first.pk}/")
    words = visitor.get_by_label("Your reply")
    words.fill("I am typing")
    visitor.evaluate(f"scrollTo(0, {'document.body.scrollHeight' if at_the_end else '100'})")
    scrolled, typed = visitor.evaluate("scrollY"), top_of(words)
    latest = answer(brand, first)
    expect(visitor.locator(f"#p{latest.pk}")).to_be_attached(timeout=3_000)
    assert abs(typed - top_of(words)) < 1
    assert (visitor.evaluate("scrollY") > scrolled) is at_the_end
    expect(words).to_be_focused()
    expect(words).to_have_value("I am typing")


def test_reply_names_whom_it_answers_without_losing_words(
    visitor: Page, live_server: LiveServer, brand: Person
) -> None:
    first = operations.post(author=kim(), text="hello", at=timezone.now())
    operations.post(author=kim("omar"), text="me too", parent=first, at=timezone.now())
    visitor.goto(f"{live_server.url}/square/p/{first.pk}/")
    visitor.get_by_label("Handle").fill("lena")
    visitor.get_by_label("Your reply").fill("and me")
    visitor.locator(f"#p{first.pk}").get_by_role("link", name="Reply").click()
    expect(visitor.get_by_label("Your reply")).to_be_focused()
    visitor.get_by_role("button", name="Reply").click()
    expect(visitor.get_by_text("and me")).to_be_visible()
    assert Post.objects.get(text="and me").parent == first


def test_new_threads_are_announced_and_not_pushed_in(
    visitor: Page, live_server: LiveServer
) -> None:
    operations.post(author=kim(), text="the first", at=timezone.now())
    visitor.goto(f"{live_server.url}/square/")
    operations.post(author=kim(), text="the second", at=timezone.now())
    news = visitor.get_by_role("link", name="1 new post")
    expect(news).to_be_visible(timeout=3_000)
    expect(visitor.get_by_text("the second")).not_to_be_attached()
    news.click()
    expect(visitor.get_by_text("the second")).to_be_visible()


def test_without_javascript_people_write_read_and_switch(
    browser: Browser, live_server: LiveServer, brand: Person
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/square/?mention=acme")
    page.get_by_label("Handle").fill("kim_lee")
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".post")).to_have_count(1)
    answer(brand, Post.objects.get())
    page.reload()
    expect(page.get_by_text("Hello Kim ^AB")).to_be_visible()
    page.get_by_text("someone new").click()
    page.get_by_label("Handle").fill("omar")
    page.get_by_label("Your reply").fill("same here")
    page.get_by_role("button", name="Reply").click()
    expect(page.get_by_role("radio", name="@omar")).to_be_checked()
    page.context.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_of_the_page(
    browser: Browser, live_server: LiveServer, brand: Person, width: int, scheme: str
) -> None:
    author = operations.join(handle="k" * 30, name="W" * 60, at=timezone.now())
    post = operations.post(author=author, text="x" * 500, at=timezone.now())
    page = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    ).new_page()
    for address in ("", f"p/{post.pk}/", f"@{author.handle}/", "@nobody/"):
        page.goto(f"{live_server.url}/square/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
