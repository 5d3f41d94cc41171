"""The pool hands out no connection whose server went away."""

from collections.abc import Iterator

import pytest
from django.db import connection

from apps.common.postgres.base import DatabaseWrapper


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


def _server_process(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
