"""The hub: what comes from the bus goes to every stream that may hear it."""

import asyncio

import structlog
from django.db import Error as DatabaseError

from socialdesk.live import subscription
from socialdesk.live.door import Door
from socialdesk.live.nudges import Audience, Batch, UnreadableError, frame
from socialdesk.live.stream import Stream

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.05
BEAT_SECONDS = 15.0
CHECK_SECONDS = 4.0
WRITES_IN_ONE_GO = 200

EVERYBODY = Audience(team_id=None)
BEAT = frame("{}", event="beat")
BUS_UP = frame("{}", event="bus-up")
BUS_DOWN = frame("{}", event="bus-down")
SIGNED_OUT = frame("{}", event="signed-out")


class Hub:
    """All open streams of this process. It runs from its making until `stop`."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._streams: set[Stream] = set()
        self._bus_is_up: bool | None = None
        self._batch = Batch()
        self._nudged = asyncio.Event()
        self._running = asyncio.create_task(self._run())
        self._running.add_done_callback(self._close_all)

    @property
    def runs(self) -> bool:
        """False once stopped, or broken by a fault of ours (which the log tells)."""
        return not self._running.done()

    def add(self, stream: Stream) -> None:
        """Let a stream hear; its first word is whether the bus is up."""
        if self._bus_is_up is not None:  # else it hears in a moment, with all others
            stream.write(BUS_UP if self._bus_is_up else BUS_DOWN)
        self._streams.add(stream)

    def remove(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        self._streams.discard(stream)

    def stop(self) -> None:
        """Close every stream and stop listening."""
        self._running.cancel()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(subscription.listen(on_nudge=self._gather, on_bus=self._note_bus))
            tasks.create_task(self._pass_on())
            tasks.create_task(self._beat())
            tasks.create_task(self._check_sessions())

    def _close_all(self, running: asyncio.Task[None]) -> None:
        if not running.cancelled() and (error := running.exception()):
            log.error("live_hub_broke", exc_info=error)
        for stream in self._streams:
            stream.close("stopping")

    def _note_bus(self, error: Exception | None) -> None:
        is_up = error is None
        if is_up == self._bus_is_up:
            return
        self._bus_is_up = is_up
        log.info("live_bus", up=is_up, error=error and type(error).__name__)
        for stream in self._streams:
            stream.write(BUS_UP if is_up else BUS_DOWN)

    def _gather(self, raw: bytes) -> None:
        try:
            self._batch.add(raw)
        except UnreadableError as error:
            log.warning("nudge_unreadable", reason=str(error))
        else:
            self._nudged.set()

    async def _pass_on(self) -> None:
        """Pass the first nudge on at once, and gather what follows within the next moment."""
        while True:
            await self._nudged.wait()
            self._nudged.clear()
            batch, self._batch = self._batch, Batch()
            await self._write(batch.frames())
            await asyncio.sleep(GATHER_SECONDS)

    async def _beat(self) -> None:
        """Show browsers that the connection lives; they reopen one that is silent for long."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self._write([(EVERYBODY, BEAT)])

    async def _write(self, frames: list[tuple[Audience, bytes]]) -> None:
        for number, stream in enumerate(list(self._streams), start=1):
            for audience, data in frames:
                if stream.listener.hears(audience):
                    stream.write(data)
            if number % WRITES_IN_ONE_GO == 0:
                await asyncio.sleep(0)

    async def _check_sessions(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._check(list(self._streams))
            except DatabaseError as error:
                # Nobody is signed out because the database is away: a nudge has no content.
                log.warning("live_sessions_unchecked", error=type(error).__name__)

    async def _check(self, streams: list[Stream]) -> None:
        if not streams:
            return
        found = await self._door.find({stream.session_key for stream in streams})
        for stream in streams:
            listener = found.get(stream.session_key)
            if listener is None:
                log.info("live_signed_out", user_id=stream.listener.user_id)
                stream.write(SIGNED_OUT)
                stream.close("signed-out")
            else:
                stream.listener = listener
