"""What was promised to whom is seen: in the list, in a conversation, on the dashboard."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import User
from apps.channels.models import Channel
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.console.conftest import SignIn
from tests.people import Kim, arrive, brand_says, conversation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(now: datetime) -> PolicyVersion:
    said = PolicyVersion(name="Quick", first_response_minutes=15)
    return save_policy(said=said, by=None, at=now - timedelta(days=3))


@pytest.mark.parametrize(
    ("waited", "words"), [(150, "due in 12 min"), (18 * 60 + 5, "overdue 3 min")]
)
def test_a_list_row_and_the_page_say_when_an_answer_is_due_and_by_which_policy(
    policy: PolicyVersion, desk: Client, kim: Kim, now: datetime, waited: int, words: str
) -> None:
    message = kim.writes(at=now - timedelta(seconds=waited))
    due = (now + timedelta(seconds=900 - waited)).isoformat()
    for address in ("/inbox/everyone/", f"/conversations/{conversation_of(message).pk}/"):
        page = desk.get(address).text
        [pill] = set(
            re.findall(r'<time class="wait[^>]*datetime="([^"]+)"[^>]*data-promised', page)
        )
        assert pill == due
        assert words in page
        assert "by Quick, version 1, round the clock" in page


def test_the_dashboard_counts_what_is_past_due_and_still_waits_as_not_kept(
    policy: PolicyVersion, brand_channel: Channel, mia: User, sign_in: SignIn, now: datetime
) -> None:
    began = now - timedelta(hours=2)
    for name, waited in (("met", 900), ("late", 901)):
        asked = Kim(brand_channel, author_id=name).writes(at=began)
        at = began + timedelta(seconds=waited)
        reply = brand_says(brand_channel, "hi", at=at, parent_id=asked.external_id)
        arrive(brand_channel, reply, at=at)
    Kim(brand_channel, author_id="waits").writes(at=began)
    Kim(brand_channel, author_id="new").writes(at=now)

    manager = sign_in(mia)
    page = manager.get("/dashboard/").text
    found = re.findall(r"<b>([^<]+)</b>(in time|late|past due)", page)
    assert found == [("33.3 %", "in time"), ("1", "late"), ("1", "past due")]
    explained = manager.get("/dashboard/explained/").text
    for standing in ("met", "breached", "past_due"):
        link = re.search(rf'href="([^"]*standing={standing}[^"]*)"', explained)
        assert link
        listed = manager.get(link[1].replace("&amp;", "&")).text
        assert listed.count('<th scope="row">') == 1
        assert "Quick, version 1" in listed
