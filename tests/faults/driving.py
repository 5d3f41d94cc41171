"""People at work while things die: customers who write, agents who answer, over HTTP alone."""

import re
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import psycopg

from socialdesk.simulation.visitor import SquareError, Visitor

# As where the desk is open already.
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
FIELD = re.compile(r'name="(once|seen)"\s+value="([^"]*)"')


@dataclass
class Customers:
    """Write on Square; `written` are the posts that Square confirmed."""

    square: str
    count: int
    pause: float
    written: set[str] = field(default_factory=set)

    def work(self, number: int) -> None:
        """Write until this share is confirmed; a nonce makes asking again harmless."""
        visitor = Visitor(self.square)
        for n in range(self.count):
            name, nonce = f"guest_{number}_{n}", uuid4().hex
            while True:
                try:
                    visitor.brands()
                    place = visitor.write(
                        handle=name,
                        name=name,
                        text=f"@acme it is number {n} from {number}",
                        language="en",
                        nonce=nonce,
                    )
                except SquareError:
                    time.sleep(0.2)
                    continue
                self.written.add(str(place.post))
                break
            time.sleep(self.pause)


@dataclass
class Agent:
    """Signs in, answers whoever waits, and never gives up; `answered` are confirmed texts."""

    desk: str
    email: str
    password: str
    database: str
    stop: threading.Event
    answered: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)

    def work(self) -> None:
        """Answer until told to stop."""
        with httpx.Client(base_url=self.desk, timeout=10) as browser:
            while not self.stop.is_set():
                try:
                    self._round(browser)
                except (httpx.HTTPError, psycopg.Error, LookupError):
                    time.sleep(0.3)

    def _round(self, browser: httpx.Client) -> None:
        conversations = self._waiting()
        if not conversations:
            time.sleep(0.2)
        for conversation_id in conversations:
            self._answer(browser, conversation_id)
            if self.stop.is_set():
                return

    def _waiting(self) -> list[int]:
        with psycopg.connect(self.database, connect_timeout=2) as connection:
            rows = connection.execute(
                """
                SELECT conversation.id FROM conversations_conversation conversation
                JOIN agents_user person ON person.id = conversation.assignee_id
                WHERE person.email = %s AND waiting_since IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM conversations_message message
                                  WHERE message.conversation_id = conversation.id
                                    AND message.direction = 'outbound')
                LIMIT 20
                """,
                [self.email],
            ).fetchall()
        return [row[0] for row in rows]

    def _answer(self, browser: httpx.Client, conversation_id: int) -> None:
        """One form, sent again with the same token until the desk says what became of it."""
        page = self._page(browser, conversation_id)
        hidden = dict(FIELD.findall(page.text))
        text = f"Hello, answer to {conversation_id} ^{self.email[:1].upper()}"
        self.tried.add(text)
        while not self.stop.is_set():
            try:
                answer = browser.post(
                    f"/conversations/{conversation_id}/reply/",
                    data={
                        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
                        "text": text,
                        "once": hidden["once"],
                        "seen": hidden["seen"],
                    },
                )
            except httpx.HTTPError:
                time.sleep(0.3)
                continue
            if answer.status_code < 400:
                self.answered.add(text)
                return
            if answer.status_code < 500:
                raise LookupError(f"{answer.status_code} to a reply")
            time.sleep(0.3)

    def _page(self, browser: httpx.Client, conversation_id: int) -> httpx.Response:
        page = browser.get(f"/conversations/{conversation_id}/", headers=PIECE)
        if page.status_code == 401:
            self._sign_in(browser)
            page = browser.get(f"/conversations/{conversation_id}/", headers=PIECE)
        if page.status_code != 200:
            raise LookupError(f"{page.status_code} for a conversation")
        return page

    def _sign_in(self, browser: httpx.Client) -> None:
        browser.get("/accounts/login/")
        browser.post(
            "/accounts/login/",
            data={
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
                "login": self.email,
                "password": self.password,
            },
        )
