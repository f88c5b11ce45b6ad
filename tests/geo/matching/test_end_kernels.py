"""The ends of a path are moved to where the way beside them shows them: against a naive twin, and on a drawn road."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.end_kernels import settle_ends
from geo.matching.map_matcher import MapMatcher
from geo.matching.path_kernels import LINK_NONE, LINK_ROAD, Path
from geo.matching.records import EDGE, LAYER, Records
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS, length_m

STEADINESS = (0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0)
LONGEST, SHORTEST, MOST_NOISES = 48, 6, 2.5


class Drive(NamedTuple):
    """Observations on a path over edges that follow one another, and what a naive driver knows of them."""

    edges: Records
    time_ms: np.ndarray
    layers: Records
    path: Path


@st.composite
def drives(draw: st.DrawFn) -> Drive:
    """Draw runs of observations along a row of edges, some of them stays or off the road."""
    told = np.random.default_rng(draw(st.integers(0, 9_999)))
    count = draw(st.integers(1, 60))
    edges = np.zeros(80, EDGE)
    edges["length_m"], edges["seconds_per_m"] = told.uniform(20.0, 200.0, 80), told.uniform(0.03, 0.2, 80)
    layers = np.zeros(count, LAYER)
    layers["white_m"] = told.choice([0.0, 3.0, 5.0], count) if draw(st.booleans()) else 0.0
    layers["sigma_m"] = told.uniform(4.0, 9.0, count)
    layers["starts_run"] = told.random(count) < draw(st.sampled_from([0.0, 0.1]))
    layers["starts_run"][0] = True
    layers["first"] = np.arange(0, 2 * count, 2)
    layers["last"] = layers["first"] + (told.random(count) < draw(st.sampled_from([0.0, 0.1])))
    time_ms = np.cumsum(np.round(1000.0 * told.choice([0.0, 1.0, 5.0, 5.0], 2 * count)).astype(np.int64))
    edge, from_m, to_m = [], [], []
    arrive, along_m, link = np.full(count, -1, np.int32), np.full(count, math.nan), np.full(count, LINK_NONE, np.uint8)
    on, at_m = 0, 10.0
    for number in range(count):
        is_off = told.random() < draw(st.sampled_from([0.0, 0.05]))
        if layers["starts_run"][number] or is_off or arrive[number - 1] < 0:
            edge, from_m, to_m = [*edge, on], [*from_m, at_m], [*to_m, at_m]
        else:
            link[number] = LINK_ROAD
            gone_m = told.uniform(0.0, 120.0)
            while on < len(edges) - 1 and at_m + gone_m > edges["length_m"][on]:
                gone_m -= edges["length_m"][on] - at_m
                to_m[-1] = float(edges["length_m"][on])
                on, at_m = on + 1, 0.0
                edge, from_m, to_m = [*edge, on], [*from_m, 0.0], [*to_m, float(edges["length_m"][on])]
            at_m = min(at_m + gone_m, float(edges["length_m"][on]))
            to_m[-1] = at_m
        if not is_off:
            arrive[number], along_m[number] = len(edge) - 1, at_m
    parts = np.array(edge, np.int32), np.array(from_m, np.float64), np.array(to_m, np.float64)
    return Drive(edges, time_ms, layers, Path(*parts, link, arrive, arrive.copy(), along_m, arrive.copy()))


def naive_window(drive: Drive, end: int, step: int) -> list[tuple[float, float, float]]:
    """Seconds before the end, by clock and by the map, and noise of the observations next to an end, the end last."""
    edges, layers, path = drive.edges, drive.layers, drive.path
    window: list[tuple[float, float, float]] = []
    by_map_s = 0.0
    for number in range(end, -1 if step < 0 else len(layers), step):
        if layers["first"][number] < layers["last"][number] or path.arrive[number] < 0 or len(window) == LONGEST:
            break
        if number != end:
            before, after = min(number, number - step), max(number, number - step)
            if path.link[after] != LINK_ROAD:
                break
            for part in range(path.arrive[before], path.arrive[after] + 1):
                start = path.along_m[before] if part == path.arrive[before] else path.from_m[part]
                stop = path.along_m[after] if part == path.arrive[after] else path.to_m[part]
                by_map_s += max(0.0, stop - start) * float(edges["seconds_per_m"][path.edge[part]])
        clock_s = abs(int(drive.time_ms[2 * number]) - int(drive.time_ms[2 * end])) / 1000.0
        per_m = float(edges["seconds_per_m"][path.edge[path.arrive[number]]])
        window.append(
            (-clock_s, -by_map_s, per_m * (float(layers["white_m"][number]) or float(layers["sigma_m"][number])))
        )
    return window[::-1]


def naive_correction_s(window: list[tuple[float, float, float]]) -> float:
    """How far beyond the last observation a Kalman filter ends, by matrices, for the likeliest steadiness."""
    time_s, progress, noise = (np.array(column) for column in zip(*window, strict=True))
    noise_2 = noise**2 / np.mean(noise**2)
    step_s = np.maximum(np.diff(time_s), 1e-3)
    found = []
    for drive in STEADINESS:
        state = np.array([progress[1], (progress[1] - progress[0]) / step_s[0]])
        first, second = noise_2[:2]
        speed_2 = (first + second) / step_s[0] ** 2 + drive**2 * step_s[0]
        spread = np.array([[second, second / step_s[0]], [second / step_s[0], speed_2]])
        surprises, spreads = [], []
        for number in range(2, len(time_s)):
            after_s = step_s[number - 1]
            move = np.array([[1.0, after_s], [0.0, 1.0]])
            shaken = drive**2 * np.array([[after_s**3 / 3.0, after_s**2 / 2.0], [after_s**2 / 2.0, after_s]])
            state, spread = move @ state, move @ spread @ move.T + shaken
            surprises.append(progress[number] - state[0])
            spreads.append(spread[0, 0] + noise_2[number])
            gain = spread[:, 0] / spreads[-1]
            state = state + gain * surprises[-1]
            spread = spread - np.outer(gain, spread[0])
        squares = np.array(surprises) ** 2 / spreads / np.mean(noise**2)
        seen_2 = min(max(float(np.mean(squares)), 1e-9), 1.0)
        nats = 0.5 * float(np.sum(np.log(spreads) + math.log(seen_2) + squares / seen_2))
        most_s = MOST_NOISES * math.sqrt(seen_2) * noise[-1]
        found.append((nats, float(np.clip(state[0] - progress[-1], -most_s, most_s))))
    return min(found)[1]


def naive_ends(drive: Drive) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Move the ends of every run, one after the other: places of the observations, starts and ends of the parts."""
    edges, layers = drive.edges, drive.layers
    path = drive.path._replace(**{name: getattr(drive.path, name).copy() for name in ("along_m", "from_m", "to_m")})
    drive = drive._replace(path=path)
    count = len(layers)
    for number in range(count):
        part = int(path.arrive[number])
        if layers["starts_run"][number] and len(window := naive_window(drive, number, 1)) >= SHORTEST:
            is_shared = path.arrive[number + 1] == part
            most_m = path.along_m[number + 1] if is_shared else path.to_m[part]
            place_m = path.along_m[number] - naive_correction_s(window) / float(edges["seconds_per_m"][path.edge[part]])
            path.along_m[number] = path.from_m[part] = min(max(place_m, 0.0), most_m)
        is_end = number + 1 == count or layers["starts_run"][number + 1]
        if is_end and len(window := naive_window(drive, number, -1)) >= SHORTEST:
            least_m = path.along_m[number - 1] if path.arrive[number - 1] == part else path.from_m[part]
            place_m = path.along_m[number] + naive_correction_s(window) / float(edges["seconds_per_m"][path.edge[part]])
            length_m = float(edges["length_m"][path.edge[part]])
            path.along_m[number] = path.to_m[part] = max(min(place_m, length_m), least_m)
    return path.along_m, path.from_m, path.to_m


@pytest.mark.twin_of("geo.matching.end_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(drive=drives())
def test_ends_are_moved_as_by_matrices(drive: Drive) -> None:
    """Windows, the likeliest steadiness and the places of the ends agree with lists and a filter of matrices."""
    expected = naive_ends(drive)
    settle_ends(drive.edges, drive.time_ms, drive.layers, drive.path)
    moved = drive.path.along_m, drive.path.from_m, drive.path.to_m
    for column, naive in zip(moved, expected, strict=True):
        np.testing.assert_allclose(column, naive, rtol=0.0, atol=2e-3)


def street() -> AsciiRoadMap:
    """Draw a road of two kilometres, the middle of which is fast."""
    return ascii_road_map(
        """
        A------B------------------------C------D
        """,
        {"AB": {}, "BC": {"highway": "trunk"}, "CD": {}},
        grid_m=50.0,
    )


def errors_m(offsets_s: np.ndarray) -> np.ndarray:
    """Drive from 80 m beyond A to 80 m before D, and say by how much the lengths of 40 noisy recordings are wrong.

    The vehicle goes as the map has it, but for a time at each fix that it is ahead or behind.
    """
    road_map, chance = street(), np.random.default_rng(5)
    network = road_map.network
    edges = road_map.edges("ABCD")
    at_m = np.cumsum([0.0, *network.edge_length_cm[edges] / 100.0])
    at_s = np.cumsum([0.0, *network.edge_duration_ms[edges] / 1000.0])
    begin_s, end_s = np.interp([80.0, at_m[-1] - 80.0], at_m, at_s)
    fix_s = np.linspace(begin_s, end_s, len(offsets_s))
    along_m = np.interp(fix_s + offsets_s, at_s, at_m)
    (latitude, first), (_, last) = road_map.place("A"), road_map.place("D")
    longitude = first + along_m / at_m[-1] * (last - first)
    matcher, errors = MapMatcher(network), []
    time_ms = START_MS + np.round(1000.0 * (fix_s - begin_s)).astype(np.int64)
    for _ in range(40):
        north, east = NOISE_M * chance.normal(size=(2, len(fix_s))) / METRES_PER_DEGREE
        track = recorded_track(time_ms, latitude + north, longitude + east / math.cos(math.radians(latitude)))
        errors.append(length_m(matcher.match(track)) - (along_m[-1] - along_m[0]))
    return np.array(errors)


NOISE_M = 8.0
TWO_PROJECTIONS_M = math.sqrt(2.0) * NOISE_M


def test_who_drives_steadily_is_measured_better_than_two_fixes_tell() -> None:
    """The length of a steady drive is surer than the places of its first and last fix, over changes of speed too."""
    errors = errors_m(np.zeros(24))
    assert np.sqrt(np.mean(errors**2)) < 0.75 * TWO_PROJECTIONS_M


def test_who_brakes_at_the_ends_is_not_believed_to_have_gone_on() -> None:
    """Where speed changes by fits and starts, the ends stay about where their fixes are."""
    wandering_s = np.cumsum(np.random.default_rng(3).choice([-2.0, 2.0], 24))
    wandering_s -= np.linspace(wandering_s[0], wandering_s[-1], 24)
    errors = errors_m(wandering_s)
    assert np.sqrt(np.mean(errors**2)) < 1.2 * TWO_PROJECTIONS_M
