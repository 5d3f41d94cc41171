"""What a visitor typed into a composer, and the customers this browser has written as."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from apps.square import operations, queries
from apps.square.models import Person, Post
from apps.square.rules import RuleError

COOKIE = "square_people"
REMEMBERED = 6
REMEMBERED_SECONDS = 60 * 60 * 24 * 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The fields of a composer, as they came.

    `writer` is a customer known to the browser; without one, `handle` and `name` are a new one's.
    `nonce` differs each time a composer is shown, so that a double click posts once.
    """

    writer: str = ""
    handle: str = ""
    name: str = ""
    text: str = ""
    language: str = ""
    parent: str = ""
    nonce: str = ""

    @classmethod
    def read(cls, sent: QueryDict) -> Self:
        """Read a submitted form; what is missing is empty."""
        return cls(**{field.name: sent.get(field.name, "") for field in fields(cls)})

    @transaction.atomic
    def publish(self, *, at: datetime) -> Post:
        """Post it as the customer who is named; raises RuleError with nothing stored."""
        return operations.post(
            author=self._author(at=at),
            text=self.text,
            language=self.language,
            parent=self._parent(),
            at=at,
            idempotency_key=self._key(),
        )

    def _author(self, *, at: datetime) -> Person:
        return operations.join(handle=self.writer or self.handle, name=self.name, at=at)

    def _parent(self) -> Post | None:
        parent = queries.find_post(self.parent)
        if self.parent and parent is None:
            raise RuleError("The post you answer does not exist: open its thread again.")
        return parent

    def _key(self) -> str | None:
        """The same words from the same composer are one post; other words are another."""
        if not self.nonce:
            return None
        said = json.dumps([self.nonce, self.parent, self.text])
        return f"page:{hashlib.sha256(said.encode()).hexdigest()}"


def known_people(request: HttpRequest) -> list[Person]:
    """Return the customers this browser has written as, the latest first."""
    return queries.customers_called(_handles(request))


def remember(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Put a customer first among those this browser has written as."""
    others = [handle for handle in _handles(request) if handle != person.handle]
    response.set_signed_cookie(
        COOKIE,
        json.dumps([person.handle, *others][:REMEMBERED]),
        max_age=REMEMBERED_SECONDS,
        path=reverse("square:home"),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _handles(request: HttpRequest) -> list[str]:
    handles: list[str] = json.loads(request.get_signed_cookie(COOKIE, default="") or "[]")
    return handles
