"""How people come to each page and state that the documentation shows."""

import struct
import zlib
from collections.abc import Callable

from playwright.sync_api import Page, expect


def page_at(path: str, heading: str) -> Callable[[Page], None]:
    """A page that is just gone to, known by its heading."""

    def show(page: Page) -> None:
        page.goto(path)
        expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()

    return show


def opened(page: Page, number: int = 0) -> None:
    page.goto("/inbox/mine/")
    expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=15_000)
    page.locator(".row").nth(number).click()
    expect(page.locator("#reply-text")).to_be_visible()


def conversation_list(page: Page) -> None:
    page.goto("/inbox/everyone/")
    expect(page.locator(".row").first).to_be_visible()


def pinned(page: Page) -> None:
    opened(page, 1)
    if page.locator(".pinned").count() == 0:
        page.keyboard.press("n")
        page.keyboard.type("Works nights: write after noon. I call back tomorrow at 10.")
        page.locator("#note [name='pin']").check()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".pinned")).to_be_visible()
        page.keyboard.press("Shift+P")
        expect(page.locator("#pledge")).to_be_visible()
        page.get_by_role("button", name="Promise", exact=True).click()
        expect(page.locator("#brief .pledges")).to_be_visible()


def like_others(page: Page) -> None:
    opened(page)
    theirs = page.locator(".message.ours .text").last.inner_text()
    page.fill("#reply-text", theirs.rpartition(" ^")[0] or theirs)
    for _ in range(30):  # a desk that has just begun still reckons what was said before
        page.locator("#reply-text").dispatch_event("input")
        page.wait_for_timeout(1000)
        if page.locator("#alike").is_visible():
            break
    page.locator("#alike summary").click()


def refused(page: Page) -> None:
    """As where the customer writes while somebody answers: what was seen is an earlier message."""
    opened(page)
    page.fill("#reply-text", "We looked at your line and found where it breaks.")
    page.locator("#seen").evaluate("seen => { seen.value = 1 }")
    page.locator("#reply-text").press("Control+Enter")
    expect(page.locator("#notice")).not_to_be_empty()


def with_a_picture(page: Page) -> None:
    opened(page, 1)
    if page.locator(".picture").count() == 0:
        drawn = {"name": "router.png", "mimeType": "image/png", "buffer": a_picture()}
        page.locator("#picture").set_input_files(drawn)  # type: ignore[arg-type]
    expect(page.locator(".picture img")).to_be_visible()
    page.fill("#reply-text", "Press the small button at the back, marked in the picture.")


def empty_again(page: Page) -> None:
    """Leave no draft behind for the next screen."""
    page.fill("#reply-text", "")
    page.locator("#reply-text").press("Escape")
    page.wait_for_timeout(300)


def several(page: Page) -> None:
    conversation_list(page)
    for number in range(3):
        page.locator(".tick input").nth(number).check(force=True)
    expect(page.locator("#many [data-count]")).to_have_text("3 chosen")


def filtered(page: Page) -> None:
    conversation_list(page)
    page.locator("#filter").click()
    expect(page.locator(".filter-form")).to_be_visible()


def palette(page: Page) -> None:
    opened(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("s")
    expect(page.locator("#palette .option").first).to_be_visible()


def keys(page: Page) -> None:
    conversation_list(page)
    page.locator("[data-help]").first.click()
    expect(page.locator("#help")).to_be_visible()


def reasons(page: Page) -> None:
    opened(page)
    page.locator("#resolve-menu summary").click()
    expect(page.locator("#resolve-menu .sheet")).to_be_visible()


def away(page: Page) -> None:
    opened(page)
    page.context.set_offline(True)
    expect(page.locator(".live-note.polling")).to_be_visible()


def back(page: Page) -> None:
    page.context.set_offline(False)


def customer(page: Page) -> None:
    opened(page, 1)
    page.locator("#brief h2 a").click()
    expect(page.locator("h1")).to_be_visible()


def tags(page: Page) -> None:
    page.goto("/settings/labels/")
    expect(page.locator("#tags")).to_be_visible()


def policy(page: Page) -> None:
    page.goto("/settings/policies/")
    page.get_by_role("link", name="Everybody").first.click()
    expect(page.get_by_role("heading", name="Everybody").first).to_be_visible()


def snippets(page: Page) -> None:
    page.goto("/settings/snippets/")
    if page.get_by_text(";returns").count() == 0:
        page.goto("/settings/snippets/new/")
        page.locator("[name='name']").fill("returns")
        page.locator("[name='text']").fill("12 Long Road, Leeds LS6 2AB, Monday to Saturday 9–18")
        page.locator("main button[type='submit']").first.click()
    expect(page.get_by_text(";returns").first).to_be_visible()


def dashboard(page: Page) -> None:
    page.goto("/dashboard/")
    expect(page.get_by_role("heading", name="First response median")).to_be_visible()
    expect(page.locator(".uplot canvas").first).to_be_visible()


def behind(page: Page) -> None:
    dashboard(page)
    page.locator("a[href*='/dashboard/conversations/']").first.click()
    expect(page.get_by_role("heading", name="First response").first).to_be_visible()


def explained(page: Page) -> None:
    dashboard(page)
    page.locator("a[href*='/dashboard/explained/']").first.click()
    expect(page.get_by_role("heading", name="First response, explained")).to_be_visible()


def chosen(path: str, name: str, heading: str = "") -> Callable[[Page], None]:
    """What a list of settings leads to."""

    def show(page: Page) -> None:
        page.goto(path)
        page.locator("main").get_by_role("link", name=name).first.click()
        expect(page.get_by_role("heading", name=heading or name, level=1)).to_be_visible()

    return show


def square(page: Page) -> None:
    page.goto("/square/")
    expect(page.locator(".post").first).to_be_visible()


def a_picture() -> bytes:
    """A small PNG: orange on grey."""
    orange, grey = b"\xe0\x7b\x39", b"\xdd\xdd\xdd"
    row = b"\0" + b"".join(orange if 40 < x < 80 else grey for x in range(120))
    rows = row * 80
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
