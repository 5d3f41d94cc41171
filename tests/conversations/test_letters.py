"""Letters by a real mail server: each at most once, as far as the server lets one know."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from apps.common.letters import MOST_ATTEMPTS
from apps.conversations.models import Letter
from apps.conversations.operations import mailing, noting
from apps.webhooks.operations.subscribing import subscribe, turn_off
from tests.mail_server import MailServer
from tests.people import Kim, a_channel, a_user, ana, conversation_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letter() -> Letter:
    """Ben, who wants letters, is named in a note."""
    author = ana()
    a_user("Ben Wood", mailed_kinds=["mention"])
    asked = Kim(a_channel(), name="Kim Secret").writes("my secret", at=timezone.now())
    noting.note(conversation=conversation_of(asked), text="@ben look", by=author, at=timezone.now())
    return Letter.objects.get()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server, _mailing_to(server.port):
        yield server


def _mailing_to(port: int) -> override_settings:
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_FROM_EMAIL="Care <desk@acme.example>",
    )


def test_admins_alone_learn_by_letter_that_the_desk_switched_a_webhook_off(
    server: MailServer,
) -> None:
    ada, _ = a_user("Ada Moreau", role="admin"), a_user("Mia Lindt", role="manager")
    a_user("Lea Gone", role="admin", is_active=False)
    crm = subscribe(
        name="CRM\nBcc: eve@evil.example",
        url="https://crm.example/",
        kinds=["received"],
        teams=[],
        by=ada,
        at=timezone.now(),
    )
    for _ in range(2):
        with transaction.atomic():
            turn_off(subscription=crm, because="It is gone (410).", by=None, at=timezone.now())
    assert mailing.send_letters() == 1
    [written] = server.letters
    head, body = written.replace("=\n", "").replace("\r", "").split("\n\n", 1)
    assert "To: ada@acme.example" in head
    assert "Subject: Webhook switched off: CRM Bcc: eve@evil.example. It is gone (410)." in (
        head.replace("\n ", " ")
    )
    assert f"/settings/webhooks/{crm.pk}/" in body


def again() -> int:
    """Let the time until the next attempt pass."""
    Letter.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    return mailing.send_letters()


def test_a_letter_says_where_to_look_and_nothing_of_the_customer(
    letter: Letter, server: MailServer
) -> None:
    assert mailing.send_letters() == 1
    [written] = server.letters
    where = letter.notification.conversation_id
    assert f"Subject: Ana Bauer named you in a note: #{where} on @acme" in written
    assert "To: ben@acme.example" in written
    assert f"/conversations/{where}/" in written
    assert f"Message-ID: <notification-{letter.pk}-" in written
    assert "secret" not in written.lower()
    letter.refresh_from_db()
    assert letter.state == "sent"
    assert again() == 0
    assert mailing.oldest_due(at=timezone.now()) is None


def test_a_server_that_is_away_is_tried_again(letter: Letter) -> None:
    with _mailing_to(9):
        assert mailing.send_letters() == 1
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("retry", 1)
    assert letter.not_before > timezone.now()
    with MailServer() as server, _mailing_to(server.port):
        assert mailing.send_letters() == 0
        assert again() == 1
    assert len(server.letters) == 1


@pytest.mark.parametrize(("recipients", "content"), [("451 later", ""), ("", "452 full")])
def test_not_now_is_tried_again_and_not_for_ever(
    letter: Letter, server: MailServer, recipients: str, content: str
) -> None:
    server.recipients, server.content = recipients, content
    assert mailing.send_letters() == 1
    for _ in range(20):
        again()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("refused", MOST_ATTEMPTS)


def test_a_refusal_is_final(letter: Letter, server: MailServer) -> None:
    server.recipients = "550 nobody here"
    mailing.send_letters()
    letter.refresh_from_db()
    assert letter.state == "refused"
    assert again() == 0


def test_a_server_that_fell_silent_may_have_taken_it_so_it_is_not_sent_again(
    letter: Letter, server: MailServer
) -> None:
    server.content = "silence"
    mailing.send_letters()
    letter.refresh_from_db()
    assert letter.state == "unknown"
    server.content = ""
    assert again() == 0
    assert server.letters == []


def test_a_letter_whose_worker_died_is_not_sent_again(letter: Letter, server: MailServer) -> None:
    now = timezone.now()
    Letter.objects.update(state="in_flight", attempts=1, attempted_at=now)
    assert mailing.settle_silent(at=now + timedelta(seconds=30)) == 0
    assert mailing.settle_silent(at=now + timedelta(minutes=3)) == 1
    letter.refresh_from_db()
    assert letter.state == "unknown"
    assert again() == 0
