"""Somebody is let go while they work: nothing of theirs stays open, and nothing waits."""

import time
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.conversations.operations import assigning
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import a_token
from tests.live.conftest import sign_in
from tests.live.ears import Ear
from tests.people import Kim
from tests.signing_in import signed_in, window


def tags(token: str) -> int:
    """How the API answers a program that Ana answers for."""
    headers = {"authorization": f"Bearer {token}"}
    return Client().get("/api/v1/tags/", headers=headers).status_code


def test_who_is_let_go_or_signs_a_phone_out_ends_session_and_stream_within_5_seconds(
    listen: Callable[[str], Ear],
    ana: User,
    care: Team,
) -> None:
    ada, ben = people.a_user("Ada Moreau", role="admin"), people.ben(care)
    here, phone = signed_in(ben), signed_in(ben)
    of_here, of_phone = (listen(one.session.session_key or "") for one in (here, phone))
    said = Kim(people.a_channel(team=care)).writes(at=timezone.now())
    conversation = people.conversation_of(said)
    assigning.assign(conversation=conversation, to=ana, by=ana, at=timezone.now())
    browser, ear, token = window(ana), listen(sign_in(ana)), a_token(ana, "read")
    assert tags(token) == 200
    assert browser.get("/inbox/mine/").status_code == 200

    gone_at = time.monotonic()
    window(ada).post(f"/settings/people/{ana.pk}/let-go/")
    [_, [phones, _]] = here.get("/me/sessions/").context["sessions"]
    signed_out_at = time.monotonic()
    here.post(f"/me/sessions/{phones.pk}/end/")

    assert browser.get("/inbox/mine/").status_code == 302
    assert tags(token) == 401
    conversation.refresh_from_db()
    assert conversation.assignee_id != ana.pk
    ear.wait_for("signed-out", seconds=6)
    of_phone.wait_for("signed-out", seconds=6)
    assert ear.wait_for_end(seconds=1) - gone_at <= 5
    assert of_phone.wait_for_end(seconds=1) - signed_out_at <= 5
    assert phone.get("/inbox/mine/").status_code == 302
    assert of_here.ended_at is None
    window(ada).post(f"/settings/people/{ana.pk}/return/")
    assert browser.get("/inbox/mine/").status_code == 302
    signed_in(ana)
    kinds = list(
        Event.objects.filter(user_id=ana.pk, kind__startswith="user_")
        .order_by("id")
        .values_list("kind", flat=True)
    )
    assert kinds == ["user_deactivated", "user_brought_back"]
