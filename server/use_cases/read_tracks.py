"""Gives stored tracks back, and deletes them."""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import FieldViolation, NotFoundError, Resource, refuse
from server.storage.records import TrackRecord
from server.use_cases.check_track import track_name_violations
from server.use_cases.recorded_track import TrackName
from server.use_cases.workshop import Workshop


async def get_track(
    workshop: Workshop,
    name: TrackName,
    *,
    with_points: bool,
    path: str = "name",
    unreadable: Sequence[FieldViolation] = (),
) -> TrackRecord:
    """Return one stored track.

    Parameters
    ----------
    workshop
        The service's tools.
    name
        Which track.
    with_points
        Whether its points are asked for.
    path
        Path of the request field that names it.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    TrackRecord
        The track, in the coordinate system in which it was recorded.

    Raises
    ------
    InvalidRequestError
        The name breaks a rule.
    NotFoundError
        There is no such track.
    """
    refuse(unreadable, track_name_violations(name, path))
    record = await workshop.threads.store(workshop.store.tracks.get, name.worker_id, name.day, with_points=with_points)
    if record is None:
        raise NotFoundError(Resource.TRACK, str(name), field=path)
    return record


async def delete_track(workshop: Workshop, name: TrackName, *, unreadable: Sequence[FieldViolation] = ()) -> None:
    """Delete one stored track with all its points.

    Parameters
    ----------
    workshop
        The service's tools.
    name
        Which track.
    unreadable
        What cannot be read of the request.

    Raises
    ------
    InvalidRequestError
        The name breaks a rule.
    NotFoundError
        There is no such track.
    """
    refuse(unreadable, track_name_violations(name, "name"))
    if not await workshop.threads.store(workshop.store.tracks.remove, name.worker_id, name.day):
        raise NotFoundError(Resource.TRACK, str(name), field="name")
