"""Compiles every kernel before the service says that it is ready: one drive around a block, audited.

Compiled code is kept on disk beside the modules, so this takes minutes once and seconds afterwards. The block is
written and opened like an imported network, because compiled code is special to arrays that lie on disk.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_day import PlannedDay, PlannedStop
from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.roads.network_file import open_network, write_network
from geo.routing.route_geometry import route_points
from geo.tracks.track import Track
from server.compute.network_folder import open_network_folder
from server.compute.query_compiler import BLOCK_LATITUDE_DEGREES, BLOCK_LONGITUDE_DEGREES, small_block

_DRIVE_S, _STAY_S, _GAP_S = 120, 600, 900


def warm_up() -> None:
    """Match, snap, route and audit once, so that everything is compiled.

    Matching comes first: a process that has to route anyway may let another one do this at the same time, and finds
    compiled what takes longest when it comes to it.
    """
    with tempfile.TemporaryDirectory(prefix="odograph-warm-up-") as folder:
        block = Path(folder) / "block"
        write_network(small_block(), block)
        matcher = MapMatcher(open_network(block))
        matcher.match(_drive(np.column_stack([BLOCK_LATITUDE_DEGREES, BLOCK_LONGITUDE_DEGREES])[:3]))
        network, snapper, router = open_network_folder(block)
        places = snapper.snap(BLOCK_LATITUDE_DEGREES, BLOCK_LONGITUDE_DEGREES)
        snapper.explain(BLOCK_LATITUDE_DEGREES, BLOCK_LONGITUDE_DEGREES)
        router.travel_matrix(places, places)
        path = route_points(network, router.route(places, places, origin=0, destination=2))
        audit_track(_drive(path), _planned_day(path), matcher, router, claimed_m=1000.0)


def _drive(path: NDArray[np.float64]) -> Track:
    """Drive along the path, stand at its end, vanish, and drive back."""
    way = np.linspace(0.0, len(path) - 1.0, _DRIVE_S)
    there = [np.interp(way, np.arange(len(path)), path[:, axis]) for axis in range(2)]
    stay = [np.full(_STAY_S, column[-1]) for column in there]
    latitude, longitude = (np.concatenate([out, stand, out[::-1]]) for out, stand in zip(there, stay, strict=True))
    count = len(latitude)
    noise = np.random.default_rng(0).normal(0.0, 3e-5, (2, count))
    time_s = np.arange(count) + np.where(np.arange(count) >= _DRIVE_S + _STAY_S, _GAP_S, 0)
    unknown = np.full(count, np.nan)
    return Track(time_s * 1000, latitude + noise[0], longitude + noise[1], np.full(count, 5.0), unknown, unknown)


def _planned_day(path: NDArray[np.float64]) -> PlannedDay:
    end_ms = (2 * _DRIVE_S + _STAY_S + _GAP_S) * 1000
    stop = PlannedStop(
        visit_id="warm-up",
        latitude_degrees=float(path[-1, 0]),
        longitude_degrees=float(path[-1, 1]),
        arrival_ms=_DRIVE_S * 1000,
        departure_ms=(_DRIVE_S + _STAY_S) * 1000,
        earliest_arrival_ms=0,
        latest_arrival_ms=end_ms,
        duration_s=float(_STAY_S),
    )
    return PlannedDay(
        worker_id="warm-up",
        stops=(stop,),
        start_ms=0,
        end_ms=end_ms,
        working_start_ms=0,
        working_end_ms=end_ms,
        length_m=1000.0,
        path_latitude_degrees=path[:, 0],
        path_longitude_degrees=path[:, 1],
        edges=np.empty(0, np.int32),
    )
