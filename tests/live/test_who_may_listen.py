import time
from collections.abc import Callable

import httpx
import pytest
from django.contrib.sessions.models import Session

from apps.agents.models import Membership, Team, User
from tests import people
from tests.live.conftest import sign_in
from tests.live.ears import Ear
from tests.live.processes import Cable, Live
from tests.people import a_user

Listen = Callable[[str], Ear]
Publish = Callable[..., None]


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "null", "http://127.0.0.1:1", "http://[", "https://127.0.0.1"],
)
def test_a_page_of_another_site_is_answered_403(live: Live, ana: User, origin: str) -> None:
    cookie = {"Cookie": f"sessionid={sign_in(ana)}"}
    answer = httpx.get(live.url, headers=cookie | {"Origin": origin})

    assert answer.status_code == 403
    assert "not one of the desk's" in answer.text
    assert "access-control-allow-origin" not in answer.headers


def test_a_script_of_another_site_that_hides_its_origin_is_answered_403(
    live: Live, ana: User
) -> None:
    assert ask(live, sign_in(ana), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_foreign_name_that_points_here_is_answered_400(live: Live, ana: User) -> None:
    answer = ask(
        live, sign_in(ana), Host="evil.example", Origin=f"http://evil.example:{live.web_port}"
    )

    assert answer.status_code == 400


def test_a_page_of_the_desk_may_read_the_answer(live: Live, ana: User) -> None:
    answer = ask(live, sign_in(ana), Origin=live.origin)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == live.origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in answer.headers["vary"]


def test_a_page_that_shares_the_streams_origin_sends_none(live: Live, ana: User) -> None:
    assert ask(live, sign_in(ana), **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("session_key", ["", "unknown", "x" * 5_000])
def test_without_a_session_it_is_401_and_says_to_sign_in(
    live: Live, transactional_db: None, session_key: str
) -> None:
    answer = ask(live, session_key, Origin=live.origin)

    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == live.origin
    assert "Sign in" in httpx.get(live.url, headers={"Origin": live.origin}).text


def test_an_expired_session_is_401(live: Live, ana: User) -> None:
    session_key = sign_in(ana)
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")

    assert ask(live, session_key).status_code == 401


def test_a_deactivated_person_is_401(live: Live, ana: User) -> None:
    session_key = sign_in(ana)
    User.objects.update(is_active=False)

    assert ask(live, session_key).status_code == 401


def test_other_paths_and_methods_are_refused(live: Live) -> None:
    assert httpx.get(f"http://127.0.0.1:{live.port}/").status_code == 404
    assert httpx.post(live.url).status_code == 405


def test_an_agent_hears_of_their_own_teams_and_an_admin_of_all(
    listen: Listen, publish: Publish, ana: User, care: Team, sales: Team
) -> None:
    root = a_user("Root", role="admin")
    of_ana, of_root = listen(sign_in(ana)), listen(sign_in(root))

    for number, team in enumerate([care, sales, None], start=1):
        publish(team, number)
        time.sleep(0.2)

    assert [nudge["conversations"] for nudge in of_ana.nudges] == [[1], [3]]
    assert [nudge["conversations"] for nudge in of_root.nudges] == [[1], [2], [3]]
    assert of_ana.nudges[0] == {"kind": "changed", "events": ["received"], "conversations": [1]}


def test_nudges_of_one_moment_arrive_as_one(
    listen: Listen, publish: Publish, ana: User, care: Team
) -> None:
    ear = listen(sign_in(ana))

    for number in range(100):
        publish(care, number % 10)
    time.sleep(0.5)

    assert len(ear.nudges) < 20
    assert {number for nudge in ear.nudges for number in nudge["conversations"]} == set(range(10))


def test_sign_out_closes_the_stream_within_6_seconds(listen: Listen, ana: User) -> None:
    session_key, other_key = sign_in(ana), sign_in(ana)
    ear, other = listen(session_key), listen(other_key)

    signed_out_at = time.monotonic()
    Session.objects.filter(session_key=session_key).delete()

    ear.wait_for("signed-out", seconds=7)
    assert ear.wait_for_end(seconds=1) - signed_out_at <= 6
    assert other.ended_at is None


def test_deactivation_and_a_new_password_close_streams_within_6_seconds(
    listen: Listen, ana: User, care: Team
) -> None:
    ben = people.ben(care)
    of_ana, of_ben = listen(sign_in(ana)), listen(sign_in(ben))

    changed_at = time.monotonic()
    User.objects.filter(id=ana.id).update(is_active=False)
    ben.set_password("a new one entirely")
    ben.save()

    for ear in (of_ana, of_ben):
        ear.wait_for("signed-out", seconds=7)
        assert ear.wait_for_end(seconds=1) - changed_at <= 6


def test_a_change_of_teams_changes_what_is_heard(
    listen: Listen, publish: Publish, ana: User, care: Team, sales: Team
) -> None:
    ear = listen(sign_in(ana))

    Membership.objects.all().delete()
    Membership.objects.create(user=ana, team=sales)
    time.sleep(5.5)
    publish(care, 1)
    publish(sales, 2)
    time.sleep(0.3)

    assert [nudge["conversations"] for nudge in ear.nudges] == [[2]]


def test_streams_outlive_a_database_outage_and_newcomers_are_asked_to_wait(
    live: Live, listen: Listen, publish: Publish, cable: Cable, ana: User, care: Team
) -> None:
    session_key = sign_in(ana)
    ear = listen(session_key)

    cable.cut()
    try:
        refused = ask(live, session_key)
        time.sleep(6)
    finally:
        cable.mend()
    publish(care, 7)

    assert refused.status_code == 503
    assert ear.wait_for("message").data["conversations"] == [7]
    assert ask(live, session_key).status_code == 200
    Session.objects.all().delete()
    ear.wait_for("signed-out", seconds=7)


def ask(live: Live, session_key: str, **headers: str) -> httpx.Response:
    """Ask as a page would that wants to know why its stream was refused."""
    return httpx.head(live.url, headers={"Cookie": f"sessionid={session_key}"} | headers)
