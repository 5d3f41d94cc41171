"""Desks for these tests: one whose data lasts a file, each left without a process."""

from collections.abc import Iterator

import pytest

from socialdesk.servers import delete_data
from tests.servers_and_supervisor.desk import Desk, wait_until


@pytest.fixture(scope="module")
def lasting_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("home"))
    yield desk
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_HOME", str(desk.home))
        delete_data()


@pytest.fixture
def desk(lasting_desk: Desk) -> Iterator[Desk]:
    yield lasting_desk
    assert wait_until(lambda: not lasting_desk.processes(), seconds=5), lasting_desk.processes()
