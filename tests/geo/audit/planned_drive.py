"""Plans on drawn maps: a route through letters, with visits at some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from geo.audit.planned_day import KnownPlace, PlannedDay, PlannedStop
from tests.ascii_road_map import AsciiRoadMap
from tests.geo.audit.hand_made_day import MORNING_MS

MINUTE_MS = 60_000


def planned_drive(
    road_map: AsciiRoadMap,
    letters: str,
    visits: Mapping[str, float] | None = None,
    *,
    hours: float = 2.0,
    **changes: object,
) -> PlannedDay:
    """Plan a route through nodes; `visits` gives the minute of arrival by letter, each for ten minutes."""
    edges = np.array(road_map.edges(letters), np.int32)
    points = [road_map.network.edge_points(int(edge)) for edge in edges]
    line = np.concatenate([points[0], *(following[1:] for following in points[1:])])
    end_ms = MORNING_MS + round(hours * 60 * MINUTE_MS)
    day = PlannedDay(
        worker_id="w",
        stops=tuple(_stop(road_map, letter, minute, end_ms) for letter, minute in (visits or {}).items()),
        start_ms=MORNING_MS,
        end_ms=end_ms,
        working_start_ms=MORNING_MS,
        working_end_ms=end_ms,
        length_m=float(road_map.network.edge_length_cm[edges].sum()) / 100.0,
        path_latitude_degrees=line[:, 0].copy(),
        path_longitude_degrees=line[:, 1].copy(),
        edges=edges,
        known_places=(KnownPlace(*road_map.place(letters[0])), KnownPlace(*road_map.place(letters[-1]))),
    )
    return replace(day, **changes)  # type: ignore[arg-type]


def _stop(road_map: AsciiRoadMap, letter: str, minute: float, end_ms: int) -> PlannedStop:
    latitude, longitude = road_map.place(letter)
    arrival_ms = MORNING_MS + round(minute * MINUTE_MS)
    return PlannedStop(
        visit_id=letter,
        latitude_degrees=latitude,
        longitude_degrees=longitude,
        arrival_ms=arrival_ms,
        departure_ms=arrival_ms + 10 * MINUTE_MS,
        earliest_arrival_ms=MORNING_MS,
        latest_arrival_ms=end_ms,
        duration_s=600.0,
    )
