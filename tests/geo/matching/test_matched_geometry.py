"""The corners of a path, found for all its parts at once, are those of its edges one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.matching.match import MatchSegment, SegmentKind
from geo.matching.matched_geometry import edge_part_line, path_corners, path_line
from geo.roads.network import RoadNetwork
from tests.ascii_road_map import ascii_road_map

NETWORK = ascii_road_map(
    """
    A---B   C
    |    \\ /
    D     E----F
    """,
    {"ABEC": {}, "AD": {}, "EF": {"oneway": "yes"}, "DABEF": {}},
    grid_m=40,
).network


def naive_line(network: RoadNetwork, edge: int, start: float, end: float) -> np.ndarray:
    """Points of a part of an edge, by walking along it."""
    points = network.edge_points(edge)
    scale = np.array([1.0, np.cos(np.radians(points[:, 0].mean()))])
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*((points[1:] - points[:-1]) * scale).T))])
    share = gone / gone[-1]
    places = [start, *share[(share > start) & (share < end)], end]
    return np.column_stack([np.interp(places, share, column) for column in points.T])


parts = st.tuples(st.integers(0, NETWORK.edge_count - 1), st.floats(0, 1), st.floats(0, 1))


@given(st.lists(parts, min_size=1, max_size=8))
def test_corners_are_those_of_the_edges(drawn: list[tuple[int, float, float]]) -> None:
    """Every part begins, bends and ends where its edge does, whatever its neighbours."""
    edges = np.array([edge for edge, _, _ in drawn])
    start, end = np.sort(np.array([ends for _, *ends in drawn]), axis=1).T
    corners = path_corners(NETWORK, edges, start, end)
    for number, edge in enumerate(edges.tolist()):
        own = corners.part == number
        line = np.column_stack([corners.latitude_degrees[own], corners.longitude_degrees[own]])
        np.testing.assert_allclose(line, naive_line(NETWORK, edge, start[number], end[number]), atol=2e-9)
        np.testing.assert_array_equal(line, edge_part_line(NETWORK, edge, start[number], end[number]))
        assert corners.fraction[own][[0, -1]].tolist() == [start[number], end[number]]
    assert (np.diff(corners.part) >= 0).all()


@pytest.mark.interpreted
def test_a_path_of_nothing_has_no_corners() -> None:
    """No parts, no corners."""
    none = np.zeros(0)
    assert len(path_corners(NETWORK, np.zeros(0, np.int64), none, none).part) == 0


@given(st.lists(parts, min_size=1, max_size=8), st.lists(st.integers(0, 60_000), min_size=9, max_size=9))
def test_a_path_has_a_time_at_each_place(drawn: list[tuple[int, float, float]], offsets: list[int]) -> None:
    """Times ascend from entering the first edge to the end; where an edge is entered, it is the time of its entry."""
    edges = np.array([edge for edge, _, _ in drawn], np.int32)
    start, end = np.sort(np.array([ends for _, *ends in drawn]), axis=1).T
    entry_ms = np.sort(np.array(offsets))[: len(edges) + 1]
    segment = MatchSegment(
        kind=SegmentKind.MATCHED,
        start_ms=int(entry_ms[0]),
        end_ms=int(entry_ms[-1]),
        first_point=0,
        last_point=1,
        edges=edges,
        edge_from_fraction=start,
        edge_to_fraction=end,
        edge_entry_ms=entry_ms[:-1],
        length_m=1.0,
        confidence=1.0,
        forbidden_edges=np.zeros(0, np.int32),
    )
    line = path_line(NETWORK, segment)
    corners = path_corners(NETWORK, edges, start, end)
    expected: list[tuple[float, float, int]] = []
    for latitude, longitude, fraction, part in zip(*corners, strict=True):
        span = end[part] - start[part]
        share = (fraction - start[part]) / span if span > 0 else 0.0
        time_ms = entry_ms[part] + round(share * (entry_ms[part + 1] - entry_ms[part]))
        if not expected or expected[-1][:2] != (latitude, longitude):
            expected.append((latitude, longitude, time_ms))
    if len(expected) > 1:
        np.testing.assert_array_equal(line.points, [place[:2] for place in expected])
        np.testing.assert_allclose(line.time_ms[:-1], [place[2] for place in expected[:-1]], atol=1)
    assert len(line.points) == len(line.time_ms) >= 2
    assert (np.diff(line.time_ms) >= 0).all()
    assert line.time_ms[0] == entry_ms[0]
