"""What a page weighs on the wire, by Chromium's own count."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

KIND = {"Document": "html", "Stylesheet": "css", "Script": "js", "Font": "font", "Image": "image"}


@dataclass
class Weight:
    """Bytes that came over the wire by what they were: headers and compressed bodies."""

    bytes_by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def kilobytes(self) -> float:
        """All together, in thousands of bytes."""
        return round(sum(self.bytes_by_kind.values()) / 1000, 1)


def weigh(page: Page, url: str) -> Weight:
    """Load a page as somebody does who was never here, and count all it takes until it is drawn."""
    kinds: dict[str, str] = {}
    weight = Weight()

    def responded(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = KIND.get(event["type"], event["type"].lower())

    def finished(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "other")
        there = weight.bytes_by_kind.get(kind, 0)
        weight.bytes_by_kind[kind] = there + int(event["encodedDataLength"])

    browser = page.context.new_cdp_session(page)
    browser.on("Network.responseReceived", responded)
    browser.on("Network.loadingFinished", finished)
    browser.send("Network.enable")
    browser.send("Network.clearBrowserCache")
    page.goto(url, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => null)")
    page.wait_for_timeout(500)  # what scripts ask for once the page stands
    browser.detach()
    return weight
