"""Recorded tracks: one row per worker and day, its points as one blob."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, delete, insert, select, update

from server.storage import tables
from server.storage.database import Database
from server.storage.paging import fetch_page
from server.storage.records import Page, TrackRecord
from server.storage.track_codec import decode_points, encode_points, no_points

_WITHOUT_POINTS: tuple[Column[Any], ...] = tuple(column for column in tables.track.c if column.name != "points")


class TrackTable:
    """Recorded tracks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, worker_id: str, day: str, make: Callable[[TrackRecord | None], TrackRecord]) -> TrackRecord:
        """Replace a track by what `make` makes of it, in one transaction.

        Parameters
        ----------
        worker_id, day
            Which track.
        make
            Gets the track as it is kept (None where there is none) and returns what shall be kept. Returning the same
            record, or raising an error, changes nothing. It may be asked twice, where somebody else begins the same
            track at the same time.

        Returns
        -------
        TrackRecord
            What `make` returned.
        """
        chosen = (tables.track.c.worker_id == worker_id, tables.track.c.day == day)

        def work(connection: Connection) -> TrackRecord:
            row = connection.execute(select(tables.track).where(*chosen).with_for_update()).mappings().first()
            kept = None if row is None else _record(row)
            changed = make(kept)
            if kept is None:
                connection.execute(insert(tables.track).values(**_row(changed)))
            elif changed is not kept:
                connection.execute(update(tables.track).where(*chosen).values(**_row(changed)))
            return changed

        return self._database.write(work)

    def get(self, worker_id: str, day: str, *, with_points: bool) -> TrackRecord | None:
        """Return one track, with or without its points."""
        columns = tuple(tables.track.c) if with_points else _WITHOUT_POINTS
        query = select(*columns).where(tables.track.c.worker_id == worker_id, tables.track.c.day == day)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else _record(row)

    def page(self, *, worker_id: str = "", day: str = "", size: int = 0, token: str = "") -> Page[TrackRecord]:
        """Return a page of tracks without their points, latest day first, then by worker."""
        query = select(*_WITHOUT_POINTS)
        if worker_id:
            query = query.where(tables.track.c.worker_id == worker_id)
        if day:
            query = query.where(tables.track.c.day == day)
        order = [(tables.track.c.day, True), (tables.track.c.worker_id, False)]
        with self._database.reading() as connection:
            rows, token = fetch_page(connection, query, order=order, size=size, token=token)
            return Page(tuple(_record(row) for row in rows), token)

    def remove(self, worker_id: str, day: str) -> bool:
        """Remove one track with all its points; return whether it was there."""
        with self._database.writing() as connection:
            chosen = delete(tables.track).where(tables.track.c.worker_id == worker_id, tables.track.c.day == day)
            return connection.execute(chosen).rowcount > 0


def _record(row: Mapping[Any, Any]) -> TrackRecord:
    values = dict(row)
    blob = values.pop("points", None)
    values["working_hours"] = tuple((start, end) for start, end in json.loads(values["working_hours"]))
    return TrackRecord(**values, points=None if blob is None else decode_points(blob, values["point_count"]))


def _row(record: TrackRecord) -> dict[str, Any]:
    points = no_points() if record.points is None else record.points
    values = {column.name: getattr(record, column.name) for column in _WITHOUT_POINTS}
    values["working_hours"] = json.dumps(record.working_hours)
    return {**values, "point_count": len(points), "points": encode_points(points)}
