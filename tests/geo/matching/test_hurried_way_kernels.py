"""Ways that nobody can have driven in their time leave the path: against a naive twin, and on a drawn map."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.matching.hurried_way_kernels import leave_hurried_ways, shorten_reach
from geo.matching.map_matcher import MapMatcher
from geo.matching.path_kernels import LINK_ROAD, LINK_STRAIGHT, Path
from geo.matching.records import EDGE, LAYER, Records
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import kinds, length_m, track_on

BIN = 0.02


class Drive(NamedTuple):
    """Observations on a path, one part of it for each."""

    edges: Records
    time_ms: np.ndarray
    layers: Records
    path: Path


@st.composite
def drives(draw: st.DrawFn) -> Drive:
    """Draw a way whose speed is even but for some detours, pauses and parts off the roads."""
    told = np.random.default_rng(draw(st.integers(0, 9_999)))
    count = draw(st.integers(1, 40))
    spread = draw(st.sampled_from([0.02, 0.2, 0.8]))
    edges = np.zeros(count, EDGE)
    edges["length_m"], edges["seconds_per_m"] = told.uniform(150.0, 1500.0, count), told.uniform(0.03, 0.2, count)
    from_m = told.uniform(0.0, 40.0, count)
    to_m = edges["length_m"] - told.uniform(0.0, 40.0, count)
    arrive = np.where(told.random(count) < 0.05, -1, np.arange(count)).astype(np.int32)
    along_m = np.where(arrive >= 0, told.uniform(from_m, to_m), math.nan)
    link = np.full(count, LINK_STRAIGHT, np.uint8)
    link[1:][(arrive[1:] >= 0) & (arrive[:-1] >= 0)] = LINK_ROAD
    path = Path(np.arange(count, dtype=np.int32), from_m, to_m, link, arrive, arrive.copy(), along_m, arrive.copy())
    layers = np.zeros(count, LAYER)
    layers["first"] = layers["last"] = np.arange(count)
    layers["reach_m"] = 2000.0
    passed_s = np.full(count, 60.0)
    for number in range(1, count):
        way_m, way_s = naive_way(edges, path, number)
        hurry = draw(st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0])) + told.normal(0.0, spread)
        passed_s[number] = max(way_s / math.exp(hurry), 0.001)
        layers["step_m"][number] = way_m / told.uniform(1.0, 2.0)
    return Drive(edges, np.cumsum(np.round(1000.0 * passed_s)).astype(np.int64), layers, path)


def naive_way(edges: Records, path: Path, number: int) -> tuple[float, float]:
    """Metres and seconds of the map from the observation before; 0 where no road joins them."""
    if path.link[number] != LINK_ROAD:
        return 0.0, 0.0
    parts = list(range(path.leave[number - 1], path.arrive[number] + 1))
    starts = [path.along_m[number - 1], *path.from_m[parts[1:]]]
    stops = [*path.to_m[parts[:-1]], path.along_m[number]]
    metres = np.maximum(np.array(stops) - np.array(starts), 0.0)
    return float(metres.sum()), float(metres @ edges["seconds_per_m"][path.edge[parts]])


def naive_hurried(drive: Drive) -> dict[int, float]:
    """Observations that a hurried way leads to, with the metres that would not be hurried."""
    ways: dict[int, tuple[float, float]] = {}
    for number in range(1, len(drive.layers)):
        way_m, way_s = naive_way(drive.edges, drive.path, number)
        passed_s = (drive.time_ms[number] - drive.time_ms[number - 1]) / 1000.0
        if way_s > 0.0 and passed_s >= 20.0 and drive.layers["step_m"][number] >= 200.0:
            ways[number] = way_m, math.log(way_s / passed_s)
    if len(ways) < 5:
        return {}
    hurries = np.array([hurry for _, hurry in ways.values()])
    middle, upper = (binned_quantile(hurries, share) for share in (0.5, 0.8))
    seen, usual = len(hurries), 5.0
    spread = math.sqrt((seen * ((upper - middle) / 0.8416) ** 2 + usual * 0.4**2) / (seen + usual))
    most = middle + max(2.5 * spread, math.log(1.3))
    return {
        number: way_m * math.exp(most - hurry)
        for number, (way_m, hurry) in ways.items()
        if hurry > most and way_m > 1.1 * drive.layers["step_m"][number] + 50.0
    }


def binned_quantile(values: np.ndarray, share: float) -> float:
    """Quantile by a histogram, even within its bins."""
    counts, bounds = np.histogram(np.clip(values, -3.999, 3.999), bins=np.arange(-200, 201) * BIN)
    below = np.concatenate([[0], np.cumsum(counts)])
    place = int(np.argmax((below[1:] >= share * len(values)) & (counts > 0)))
    return float(bounds[place] + BIN * (share * len(values) - below[place]) / counts[place])


@pytest.mark.twin_of("geo.matching.hurried_way_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(drive=drives())
def test_hurried_ways_are_those_of_lists(drive: Drive) -> None:
    """Which ways are hurried, how far their observations reach then, and what becomes straight agree with lists."""
    expected = naive_hurried(drive)
    assert shorten_reach(drive.edges, drive.time_ms, drive.layers, drive.path) is bool(expected)
    reach_m = np.full(len(drive.layers), 2000.0)
    reach_m[list(expected)] = np.minimum(2000.0, list(expected.values()))
    np.testing.assert_allclose(drive.layers["reach_m"], reach_m, rtol=1e-9)
    links = drive.path.link.copy()
    links[list(expected)] = LINK_STRAIGHT
    leave_hurried_ways(drive.edges, drive.time_ms, drive.layers, drive.path)
    np.testing.assert_array_equal(drive.path.link, links)


def town(*, is_whole: bool) -> AsciiRoadMap:
    """Draw a street of which the part from D to E may be missing: then the way leads around it."""
    around = {"ABCD": {}, "EFGH": {}, "DIJE": {}}
    return ascii_road_map(
        """
                    I-------J
                    |       |
                    |       |
                    |       |
        A---B---C---D-------E---F---G---H
        """,
        around | ({"DE": {}} if is_whole else {}),
        grid_m=100.0,
    )


@pytest.mark.parametrize(
    ("is_whole", "middle_s", "expected", "expected_m"),
    [
        (False, 60, ["MATCHED", "OFF_ROAD", "MATCHED"], 3200.0),
        (False, 150, ["MATCHED"], 4000.0),
        (True, 60, ["MATCHED"], 3200.0),
    ],
)
def test_a_way_without_time_for_it_is_off_the_roads(
    is_whole: bool, middle_s: int, expected: list[str], expected_m: float
) -> None:
    """Where a road is missing, the way around is believed only if there was time for it."""
    road_map = town(is_whole=is_whole)
    track = track_on(road_map, "ABCDEFGH", step_s=30.0)
    late_ms = np.where(np.arange(8) >= 4, 1000 * (middle_s - 30), 0)
    match = MapMatcher(road_map.network).match(replace(track, time_ms=track.time_ms + late_ms))
    assert kinds(match) == expected
    assert length_m(match) == pytest.approx(expected_m, rel=0.01)
