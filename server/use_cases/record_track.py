"""Takes a recorded track in, part by part: idempotent, resumable, and within working hours only.

The points of a track are numbered from 0 in order of time, those outside the working hours included: they are counted
and thrown away before anything is stored. A sender may repeat any part; what was already accepted costs nothing.
Parts are gathered and stored some ten thousand points at a time; when the stream ends or breaks, the rest is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from server.compute.threads import WorkThreads
from server.errors import (
    FieldViolation,
    InvalidRequestError,
    Resource,
    SequenceGapError,
    ViolationCode,
    WrongStateError,
)
from server.storage.records import TrackRecord
from server.storage.track_codec import no_points
from server.storage.track_table import TrackTable
from server.use_cases.check_track import header_violations, part_violations
from server.use_cases.identity import now_ms
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.recorded_track import RecordedTrack, TrackHeader, TrackPart

STORE_EVERY_POINTS = 10_000

DELETED = "the track was deleted while it was recorded"
OTHER_SYSTEM = "the track was begun in another coordinate system; delete it to record it anew"
OTHER_HOURS = "the track was begun with other working hours; delete it to record it anew"


async def record_track(
    table: TrackTable, threads: WorkThreads, header: TrackHeader, parts: AsyncIterable[TrackPart]
) -> RecordedTrack:
    """Take one stream in.

    Parameters
    ----------
    table, threads
        Where tracks are kept, and where storage is called.
    header
        Whose track it is.
    parts
        Its parts, in order.

    Returns
    -------
    RecordedTrack
        What was taken in. Parts before a refused one, or before the stream broke, stay accepted.

    Raises
    ------
    InvalidRequestError
        With every broken rule of the header or of a part.
    SequenceGapError
        A part starts after the point that the track goes on from.
    WrongStateError
        The stored track has another coordinate system or other working hours.
    """
    recorder = _TrackRecorder(table, threads, header)
    await recorder.open()
    try:
        async for part in parts:
            await recorder.take(part)
    finally:
        await asyncio.shield(recorder.store())
    return await recorder.finish()


class _TrackRecorder:
    """Takes one stream in.

    `next_sequence` and `last_ms` speak of the last point taken, stored or not yet. A new track is stored with its first
    points, so that a stream whose first part is refused leaves nothing behind.
    """

    def __init__(self, table: TrackTable, threads: WorkThreads, header: TrackHeader) -> None:
        self._table = table
        self._threads = threads
        self._header = header
        self._gathered = no_points()
        self._next_sequence = 0
        self._last_ms = 0
        self._accepted = self._duplicates = self._outside = 0
        self._is_new = True

    async def open(self) -> None:
        violations = tuple(header_violations(self._header))
        if violations:
            raise InvalidRequestError(violations)
        name = self._header.name
        kept = await self._threads.store(self._table.get, name.worker_id, name.day, with_points=False)
        self._is_new = kept is None
        track = self._opened(kept)
        self._next_sequence, self._last_ms = track.next_sequence, track.last_ms

    async def take(self, part: TrackPart) -> None:
        violations = tuple(part_violations(part))
        if violations:
            raise InvalidRequestError(violations)
        if part.first_sequence > self._next_sequence:
            raise SequenceGapError(given=part.first_sequence, expected=self._next_sequence)
        known = min(self._next_sequence - part.first_sequence, len(part.points))
        self._duplicates += known
        new = part.points.chosen(slice(known, None))
        if len(new) == 0:
            return
        new = replace(new, received_ms=np.full(len(new), now_ms(), np.int64))
        if new.time_ms[0] <= self._last_ms:
            path = f"part.points.unix_milliseconds[{known}]"
            raise InvalidRequestError(
                (FieldViolation(path, ViolationCode.OUT_OF_ORDER, "must be later than the point before it"),)
            )
        self._gathered = self._gathered.followed_by(new)
        self._next_sequence += len(new)
        self._last_ms = int(new.time_ms[-1])
        if len(self._gathered) >= STORE_EVERY_POINTS:
            await self.store()

    async def store(self) -> None:
        if len(self._gathered) > 0:
            await self._change(self._grown)
            self._is_new = False
            self._gathered = no_points()

    async def finish(self) -> RecordedTrack:
        notices: tuple[Notice, ...] = ()
        if self._outside:
            text = f"{self._outside} points lay outside the working hours: they were counted and thrown away"
            notices = (Notice(NoticeCode.OUTSIDE_WORKING_HOURS, "header.working_hours", text),)
        if self._is_new:
            await self._change(self._opened)
        name = self._header.name
        track = await self._threads.store(self._table.get, name.worker_id, name.day, with_points=False)
        if track is None:
            raise self._wrong_state(DELETED)
        return RecordedTrack(track, self._accepted, self._duplicates, self._outside, notices)

    async def _change(self, make: Callable[[TrackRecord | None], TrackRecord]) -> TrackRecord:
        name = self._header.name
        return await self._threads.store(self._table.change, name.worker_id, name.day, make)

    def _opened(self, kept: TrackRecord | None) -> TrackRecord:
        """Make the track that begins here, or check that this stream goes on with the kept one."""
        header = self._header
        if kept is None:
            time_ms = now_ms()
            return TrackRecord(
                worker_id=header.name.worker_id,
                day=header.name.day,
                coordinate_system=header.coordinate_system.value,
                create_ms=time_ms,
                update_ms=time_ms,
                working_hours=header.working_hours,
                last_ms=0,
                outside_count=0,
                point_count=0,
                points=no_points(),
            )
        if header.coordinate_system.value != kept.coordinate_system:
            raise self._wrong_state(OTHER_SYSTEM)
        if header.working_hours != kept.working_hours:
            raise self._wrong_state(OTHER_HOURS)
        return kept

    def _grown(self, kept: TrackRecord | None) -> TrackRecord:
        """Add what was gathered, cut to the working hours; another stream may have stored some of it meanwhile."""
        if kept is None and self._is_new:
            kept = self._opened(None)
        if kept is None or kept.points is None:
            raise self._wrong_state(DELETED)
        self._opened(kept)
        first_sequence = self._next_sequence - len(self._gathered)
        if first_sequence > kept.next_sequence:
            raise SequenceGapError(given=first_sequence, expected=kept.next_sequence)
        known = min(kept.next_sequence - first_sequence, len(self._gathered))
        new = self._gathered.chosen(slice(known, None))
        if len(new) == 0:
            return kept
        inside = new.chosen(_is_inside(new.time_ms, kept.working_hours))
        outside_count = len(new) - len(inside)
        self._duplicates += known
        self._accepted += len(inside)
        self._outside += outside_count
        points = kept.points.followed_by(inside)
        return replace(
            kept,
            points=points,
            point_count=len(points),
            outside_count=kept.outside_count + outside_count,
            last_ms=int(new.time_ms[-1]),
            update_ms=now_ms(),
        )

    def _wrong_state(self, message: str) -> WrongStateError:
        return WrongStateError(Resource.TRACK, str(self._header.name), message)


def _is_inside(time_ms: NDArray[np.int64], working_hours: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    inside = np.zeros(len(time_ms), np.bool_)
    for start_ms, end_ms in working_hours:
        inside |= (time_ms >= start_ms) & (time_ms <= end_ms)
    return inside
