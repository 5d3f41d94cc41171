"""What goes to PostgreSQL as binary columns comes back the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from apps.agents.models import Team
from apps.common import sets

pytestmark = pytest.mark.django_db

COLUMNS: list[tuple[Any, list[Any]]] = [
    ("SELECT %b::bigint[]", [0, -1, None, 2**63 - 1, -(2**63)]),
    ("SELECT %b::int[]", [0, -1, 2**31 - 1, None]),
    ("SELECT %b::boolean[]", [True, None, False]),
    ("SELECT %b::text[]", ["", None, "früh 👩🏽‍🚀 שלום", "x" * 70_000, 'a,"b"{}\\N']),
    ("SELECT %b::varchar[]", ["one", None]),
    ("SELECT %b::bytea[]", [b"", None, bytes(range(256))]),
    (
        "SELECT %b::timestamptz[]",
        [
            datetime(2026, 11, 25, 12, 30, 1, 999_999, tzinfo=UTC),
            None,
            datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC),
            datetime(2026, 3, 29, 3, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        ],
    ),
]


TEAM: LiteralString = """
    INSERT INTO agents_team (name, mode, languages, weights) VALUES (%b::text, %b::text, '{}', '{}')
"""


MEMBERSHIP: LiteralString = """
    INSERT INTO agents_membership (user_id, team_id) VALUES (%b::bigint, %b::bigint)
"""


@pytest.mark.parametrize(("statement", "column"), COLUMNS)
def test_columns_and_values_come_back_as_they_were_sent(statement: Any, column: list[Any]) -> None:
    for sent in (column, [value for value in column if value is not None], [None], []):
        assert sets.execute(statement, sent) == [(sent,)]
    one_value = statement.replace("[]", "")
    for value in column:
        assert sets.execute(one_value, value) == [(value,)]


def test_a_value_of_another_type_is_refused_before_anything_is_sent() -> None:
    with pytest.raises((AttributeError, TypeError)):
        sets.execute("SELECT %b::text[]", ["a", None, 7])
    with pytest.raises(TypeError):
        sets.execute("SELECT %b::timestamptz[]", [datetime(2026, 11, 25)])  # noqa: DTZ001
    with pytest.raises(ValueError, match="argument"):
        sets.execute("SELECT %b::bigint, %b::text", 1)
    assert sets.execute("SELECT %b::bigint, %b::text", 1, "a") == [(1, "a")]


def test_what_the_database_refuses_is_djangos_own_error_and_the_statement_serves_again() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        sets.execute(TEAM, None, "push")
    with pytest.raises(DataError), transaction.atomic():
        sets.execute("SELECT %b::text", "a\x00b")
    assert sets.execute("SELECT %b::text", "ab") == [("ab",)]


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_is_answered_in_its_order_and_seen_by_whatever_is_asked_next() -> None:
    with transaction.atomic():
        sets.send(TEAM, "One", "push")
        number = sets.send("SELECT count(*) FROM agents_team")
        sets.send(TEAM, "Two", "push")
        assert list(Team.objects.order_by("name").values_list("name", flat=True)) == ["One", "Two"]
        assert number.rows() == [(1,)]
        sets.send(TEAM, "Three", "push")
        columns = sets.send("SELECT %b::text[]", ["x" * 100_000] * 50), number
        assert len(columns[0].rows()[0][0]) == 50
        sets.send(TEAM, "Four", "push")
    assert Team.objects.count() == 4
    sets.send(TEAM, "Five", "push")
    with psycopg.connect(**connection.get_connection_params()) as other:
        assert other.execute("SELECT count(*) FROM agents_team").fetchone() == (5,)


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_and_refused_is_raised_before_the_commit_and_nothing_of_it_stays() -> None:
    with pytest.raises(IntegrityError):
        _send_teams("One", None, "Two")
    with pytest.raises(IntegrityError):
        _send_teams("One", "One", then=Team.objects.count)
    with pytest.raises(IntegrityError):  # what is checked at the commit alone
        _send_teams("One", then=partial(sets.send, MEMBERSHIP, -1, -1))
    with pytest.raises(ZeroDivisionError):
        _send_teams("One", None, then=lambda: 1 // 0)
    with pytest.raises(IntegrityError):
        sets.send(TEAM, None, "push")
    assert not Team.objects.exists()
    with transaction.atomic():
        _send_teams("Kept")
        with pytest.raises(IntegrityError):
            _send_teams("Kept", "Never")
        with pytest.raises(ZeroDivisionError):
            _send_teams("Kept", then=lambda: 1 // 0)
        Team.objects.update(mode="pull")
    assert (Team.objects.get().name, Team.objects.get().mode) == ("Kept", "pull")


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_between_sending_and_asking_serves_again_afterwards() -> None:
    [[lost]] = sets.execute("SELECT pg_backend_pid()")

    def lose() -> None:
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])

    with pytest.raises(OperationalError):
        _send_teams("Lost", then=lose)
    connection.close_if_unusable_or_obsolete()
    assert sets.execute("SELECT pg_backend_pid()") != [(lost,)]
    assert not Team.objects.exists()


@transaction.atomic
def _send_teams(*names: str | None, then: Callable[[], object] = lambda: None) -> None:
    for name in names:
        sets.send(TEAM, name, "push")
    then()


@pytest.mark.django_db(transaction=True)
def test_a_statement_serves_on_the_connection_after_the_lost_one() -> None:
    [[lost]] = sets.execute("SELECT pg_backend_pid()")
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    with pytest.raises(OperationalError):
        sets.execute("SELECT pg_backend_pid()")
    connection.close_if_unusable_or_obsolete()
    assert sets.execute("SELECT pg_backend_pid()") != [(lost,)]
