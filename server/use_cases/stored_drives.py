"""Lays every stored track on one road network."""

from __future__ import annotations

from collections.abc import Callable

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match
from geo.tracks.track import Track
from server.use_cases.given_track import MIN_POINTS, fetch_track
from server.use_cases.listings import PageRequest, list_tracks
from server.use_cases.recorded_track import TrackName
from server.use_cases.workshop import Workshop


async def stored_drives(
    workshop: Workshop, matcher: MapMatcher, on_progress: Callable[[str, float], None]
) -> list[tuple[Track, Match]]:
    """Match all tracks that the service keeps.

    Parameters
    ----------
    workshop
        The service's tools.
    matcher
        Lays them on its roads.
    on_progress
        Called with how many are done.

    Returns
    -------
    list[tuple[Track, Match]]
        The tracks in WGS-84 with their matches; those of fewer than two points are left out. What was driven elsewhere
        is matched to nothing.
    """
    page = await list_tracks(workshop, PageRequest())
    records = list(page.records)
    while page.next_token:
        page = await list_tracks(workshop, PageRequest(token=page.next_token))
        records += page.records
    records = [record for record in records if record.point_count >= MIN_POINTS]
    drives = []
    for done, record in enumerate(records):
        on_progress(f"{done:,} of {len(records):,} stored tracks", done / len(records))
        track = (await fetch_track(workshop, TrackName(record.worker_id, record.day))).track
        drives.append((track, await workshop.threads.compute(matcher.match, track)))
    return drives
