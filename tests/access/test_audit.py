"""The audit: who did what, found, read page by page and taken out."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.agents.models import User
from apps.ledger.models import Event
from apps.ledger.recording import Entry, record
from tests import people
from tests.signing_in import window

pytestmark = pytest.mark.django_db
PATH = "/settings/audit/"


def test_what_people_did_is_found_by_person_kind_whom_and_day(
    ada: User, mia: User, ana: User
) -> None:
    now = timezone.now()
    record([Entry(kind="resolved", by_id=ana.pk, conversation_id=7)], at=now - timedelta(days=3))
    record([Entry(kind="user_changed", by_id=mia.pk, user_id=ana.pk)], at=now)
    record([Entry(kind="received", conversation_id=7)], at=now)
    browser = window(ada)

    def found(**asked: str | int) -> list[str]:
        return [one[0].kind for one in browser.get(PATH, asked).context["rows"]]

    assert found() == ["user_changed", "resolved"]
    assert found(by=ana.pk) == found(conversation=7) == found(kind="resolved") == ["resolved"]
    assert found(about=ana.pk) == ["user_changed"]
    day = timezone.localdate(now - timedelta(days=3)).isoformat()
    assert found(first=day, last=day) == ["resolved"]
    assert found(by=ana.pk, about=mia.pk) == []
    assert "Nobody did that" in browser.get(PATH, {"by": ada.pk}).text
    assert "Changed what somebody can take" in browser.get(PATH).text
    for name, wrong in (("first", "soon"), ("by", "99999"), ("kind", "x"), ("conversation", "x")):
        assert browser.get(PATH, {name: wrong}).status_code == 422
    for place in ("x", "2026-01-01_1", "2026-01-01T00:00:00+00:00_0", "_"):
        assert browser.get(PATH, {"after": place}).status_code == 400
    assert window(mia).get(PATH).status_code == window(mia).post(f"{PATH}csv/").status_code == 404


def test_many_deeds_are_read_page_by_page_each_once_in_as_many_statements(ada: User) -> None:
    now = timezone.now()
    record([Entry(kind="resolved", by_id=ada.pk) for _ in range(120)], at=now)
    browser, address, seen, statements = window(ada), PATH, [], set()
    while address:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = browser.get(address)
        statements.add(len(asked))
        seen += [one[0].pk for one in page.context["rows"]]
        address = f"{PATH}?{page.context['older']}" if page.context["older"] else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert max(statements) - min(statements) <= 2


def test_it_is_taken_out_as_csv_that_no_spreadsheet_runs(ada: User, ana: User) -> None:
    ana.name = "=cmd|' /C calc'!A0"
    ana.save()
    record([Entry(kind="noted", by_id=ana.pk, data={"name": 'a "tag", so'})], at=timezone.now())
    record([Entry(kind="resolved", by_id=ada.pk)], at=timezone.now())
    answer = window(ada).post(f"{PATH}csv/", {"by": ana.pk})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff"), "or a spreadsheet reads names in another alphabet"
    [line] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (line["by"], line["kind"], line["about"]) == ("'=cmd|' /C calc'!A0", "noted", "")
    assert line["data"] == '{"name": "a \\"tag\\", so"}'
    assert Event.objects.get(kind="audit_exported").data == {"asked": {"by": str(ana.pk)}}


def test_what_commands_decided_is_shown_and_found_by_their_names(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    record([Entry(kind="resolved", by_id=ada.pk)], at=timezone.now())
    monkeypatch.setenv("NEW_PASSWORD", "seven brave otters")
    call_command("changepassword", ada.email)
    browser = window(User.objects.get())
    page = browser.get(PATH).text
    assert "The command line (changepassword)" in page
    assert "Changed a password" in page
    found = browser.get(PATH, {"by": "command"}).context["rows"]
    assert [row[0].kind for row in found] == ["password_changed"]
    answer = browser.post(f"{PATH}csv/", {"by": "command"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    [line] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (line["by"], line["command"], line["about"]) == ("", "changepassword", ada.name)


def test_another_password_is_an_event_however_it_comes_about(ana: User) -> None:
    new = "seven brave otters"
    said = {"oldpassword": people.PASSWORD, "password1": new, "password2": new}
    window(ana).post("/accounts/password/change/", said)
    Client().post("/accounts/password/reset/", {"email": ana.email})
    [link] = re.findall(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    browser = Client()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "eight brave otters", "password2": "eight brave otters"})
    deeds = Event.objects.filter(by_id=ana.pk, user_id=ana.pk).order_by("id")
    assert [deed.kind for deed in deeds] == ["password_changed", "password_reset"]


def test_what_has_a_name_goes_by_it_and_not_by_its_number(ada: User) -> None:
    record(
        [Entry(kind="tagged", by_id=ada.pk, data={"tag": 51, "name": "Billing"})], at=timezone.now()
    )
    page = window(ada).get(PATH).text
    assert "<bdi>Billing</bdi>" in page
    assert "tag: 51" not in page
