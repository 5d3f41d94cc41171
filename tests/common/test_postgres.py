"""The pool hands out no connection whose server went away, and instants are read quickly."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from psycopg import adapters
from psycopg.pq import Format

from apps.agents.models import User
from apps.common.postgres.base import DatabaseWrapper
from tests import people


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[DatabaseWrapper]:
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    without_check = {"OPTIONS": options, "CONN_HEALTH_CHECKS": False, "CONN_MAX_AGE": 0}
    wrapper = DatabaseWrapper({**connection.settings_dict, **without_check}, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def test_a_connection_ended_by_the_server_is_replaced_before_it_is_used(
    pooled: DatabaseWrapper,
) -> None:
    before = _server_process(pooled)
    pooled.close()  # back into the pool
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])

    assert _server_process(pooled) != before


def test_a_living_connection_is_used_again(pooled: DatabaseWrapper) -> None:
    before = _server_process(pooled)
    pooled.close()

    assert _server_process(pooled) == before


@pytest.mark.django_db
def test_instants_are_read_in_utc_by_the_quick_reader() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT timestamptz '2026-11-25 12:00:00.000123+02', timestamptz '0099-01-01Z'"
        )
        assert cursor.fetchone() == (
            datetime(2026, 11, 25, 10, 0, 0, 123, tzinfo=UTC),
            datetime(99, 1, 1, tzinfo=UTC),
        )
        reader = cursor.adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)
        assert reader is adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)
    person = people.ana()
    for one in (User.objects.get(), next(User.objects.iterator())):
        assert one.created_at == person.created_at
        assert one.created_at.tzinfo is UTC


def _server_process(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
