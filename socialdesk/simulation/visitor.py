"""A visitor of Square's pages, with nothing but HTTP between them."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

import httpx

SECONDS = 10
_BRAND = re.compile(r'\?mention=([^"]+)"')
_BY_BRAND = re.compile(r'<li class="post by-brand" id="p(\d+)"')
_PLACE = re.compile(r"/p/(\d+)/(?:#p(\d+))?$")


class SquareError(Exception):
    """Square answered something no visitor expects; says what."""


class UnreachableError(SquareError):
    """Nobody answers; asking again later is harmless."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is: its thread and its own id."""

    thread: int
    post: int


class Visitor:
    """Reads and writes Square's public pages at `square`, such as http://127.0.0.1:8000/square."""

    def __init__(self, square: str) -> None:
        self._square = square.rstrip("/")
        self._http = httpx.Client(timeout=SECONDS, headers={"referer": f"{self._square}/"})

    def brands(self) -> list[str]:
        """Return the handles of the brands that may be written to; the first look at Square."""
        page = self._ask("GET", "/")
        if page.status_code != httpx.codes.OK:
            raise SquareError(f"Square answered {page.status_code}")
        return [unquote(unescape(handle)) for handle in _BRAND.findall(page.text)]

    def write(
        self,
        *,
        handle: str,
        name: str,
        text: str,
        language: str,
        parent: int | None = None,
        nonce: str,
    ) -> Place:
        """Post as a customer; the same nonce and text again is the same post."""
        answer = self._ask(
            "POST",
            "/write/",
            data={
                "csrfmiddlewaretoken": self._http.cookies.get("csrftoken") or "",
                "handle": handle,
                "name": name,
                "text": text,
                "language": language,
                "parent": "" if parent is None else str(parent),
                "nonce": nonce,
            },
        )
        place = _PLACE.search(answer.headers.get("location", ""))
        if place is None:
            raise SquareError(f"Square answered {answer.status_code} to a post")
        return Place(int(place[1]), int(place[2] or place[1]))

    def brand_answer(self, *, since: Place) -> int | None:
        """Return the id of the newest brand's post in the thread after that place, if any."""
        answer = self._ask("GET", f"/p/{since.thread}/newer/", params={"after": str(since.post)})
        found = _BY_BRAND.findall(answer.text)
        return int(found[-1]) if found else None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._http.request(method, self._square + path, params=params, data=data)
        except httpx.HTTPError as error:
            raise UnreachableError(str(error) or type(error).__name__) from error
