"""Somebody is let go while they work: nothing of theirs stays open, and nothing waits."""

import time
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.conversations.operations import assigning
from apps.ledger.models import Event
from tests import people
from tests.live.conftest import sign_in
from tests.live.ears import Ear
from tests.people import Kim
from tests.signing_in import window


def test_who_is_let_go_loses_session_stream_token_and_work_within_5_seconds(
    listen: Callable[[str], Ear],
    ana: User,
    care: Team,
) -> None:
    ada = people.a_user("Ada Moreau", role="admin")
    people.ben(care)
    said = Kim(people.a_channel(team=care)).writes(at=timezone.now())
    conversation = people.conversation_of(said)
    assigning.assign(conversation=conversation, to=ana, by=ana, at=timezone.now())
    browser, ear = window(ana), listen(sign_in(ana))
    assert browser.get("/inbox/mine/").status_code == 200

    gone_at = time.monotonic()
    window(ada).post(f"/settings/people/{ana.pk}/let-go/")

    assert browser.get("/inbox/mine/").status_code == 302
    conversation.refresh_from_db()
    assert conversation.assignee_id != ana.pk
    ear.wait_for("signed-out", seconds=6)
    assert ear.wait_for_end(seconds=1) - gone_at <= 5
    window(ada).post(f"/settings/people/{ana.pk}/return/")
    assert browser.get("/inbox/mine/").status_code == 302
    assert (
        Client()
        .post("/accounts/login/", {"login": ana.email, "password": people.PASSWORD})
        .status_code
        == 302
    )
    kinds = list(
        Event.objects.filter(user_id=ana.pk, kind__startswith="user_")
        .order_by("id")
        .values_list("kind", flat=True)
    )
    assert kinds == ["user_deactivated", "user_brought_back"]
