"""The way to the database: one thread with one connection, whatever happens at the door.

A thousand browsers that come back together are asked for in one batch, so they can neither
exhaust the database's connections nor wait for one another.
"""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections
from django.utils import timezone

from socialdesk.live import listeners
from socialdesk.live.listeners import Listener


class Door:
    """Asks the database who may listen."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-database")
        self._turn = asyncio.Lock()
        self._asked: set[str] = set()
        self._next_batch: asyncio.Task[dict[str, Listener]] | None = None

    async def admit(self, session_key: str) -> Listener | None:
        """Return who comes with this session; None if nobody is signed in with it.

        Raises `django.db.Error` while the database is away.
        """
        self._asked.add(session_key)
        if self._next_batch is None:
            self._next_batch = asyncio.create_task(self._find_asked())
        found = await asyncio.shield(self._next_batch)
        return found.get(session_key)

    async def find(self, session_keys: Collection[str]) -> dict[str, Listener]:
        """Return the listener of each session that is still good.

        Raises `django.db.Error` while the database is away.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _find, session_keys)

    async def _find_asked(self) -> dict[str, Listener]:
        async with self._turn:
            asked, self._asked, self._next_batch = self._asked, set(), None
            return await self.find(asked)


def _find(session_keys: Collection[str]) -> dict[str, Listener]:
    # Outside of requests nobody else notices a connection that died with its server.
    close_old_connections()
    return listeners.find(session_keys, at=timezone.now())
