"""The audit: who did what, found, read page by page and taken out."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.agents.models import User
from apps.ledger.models import Event
from apps.ledger.recording import Entry, record
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


def test_what_has_a_name_goes_by_it_and_not_by_its_number(ada: User) -> None:
    record(
        [Entry(kind="tagged", by_id=ada.pk, data={"tag": 51, "name": "Billing"})], at=timezone.now()
    )
    page = window(ada).get(PATH).text
    assert "name: Billing" in page
    assert "tag: 51" not in page
