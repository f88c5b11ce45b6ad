"""The parts of a report's map."""

from __future__ import annotations

import re

import numpy as np
import pytest

from geo.matching.match import SegmentKind
from server.reports.driven_lines import TimedLine, driven_lines
from server.reports.local_plane import Frame, LocalPlane, path_text
from server.reports.road_background import road_background
from server.reports.street_names import street_names
from tests.server.reports.sample_day import START_MS, audit, place, road_map, track

ORIGIN = place("A")
PLANE = LocalPlane(ORIGIN.latitude_degrees, ORIGIN.longitude_degrees)


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([(0, 0), (10, 0), (10, -5.5)], "M0 0l10 0 0 -5.5"),
        ([(0.04, -0.26), (0.06, -0.26)], "M0 -0.3l0.1 0"),
        ([(1, 1), (1, 1)], ""),
        ([], ""),
    ],
)
def test_a_line_is_written_in_short_steps(points: list[tuple[float, float]], text: str) -> None:
    """Steps are tenths of a metre, relative, and steps of no length are left out."""
    assert path_text(np.array(points, float).reshape(-1, 2)) == text


def test_rounding_never_adds_up() -> None:
    """However many steps a line has, its written end is where its end is."""
    points = np.cumsum(np.full((1000, 2), 0.0499), axis=0)
    numbers = [float(number) for number in path_text(points).replace("M", "").replace("l", " ").split()]
    end = np.array(numbers).reshape(-1, 2).sum(axis=0)
    np.testing.assert_allclose(end, points[-1], atol=0.06)


def test_the_plane_runs_east_and_south_in_metres() -> None:
    """On the plane, B lies 200 m east of A on the drawn map, and D south of B."""
    b, d = place("B"), place("D")
    points = PLANE.points([b.latitude_degrees, d.latitude_degrees], [b.longitude_degrees, d.longitude_degrees])
    np.testing.assert_allclose(points[0], [200.0, 0.0], atol=0.5)
    assert points[1][1] > 40.0


def test_a_frame_has_a_margin_and_a_least_size() -> None:
    """A frame around one point is as large as asked for; around many it leaves room on each side."""
    assert Frame.around(np.array([[5.0, 5.0]]), margin_m=1.0, least_m=10.0) == Frame(0.0, 0.0, 10.0, 10.0)
    assert Frame.around(np.array([[0.0, 0.0], [30.0, 20.0]]), margin_m=2.0, least_m=10.0) == Frame(-2, -2, 34, 24)


def test_a_line_is_cut_by_time() -> None:
    """The part between two times starts and ends where the worker then was."""
    line = TimedLine(
        SegmentKind.MATCHED, np.array([0.0, 10.0, 20.0]), np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    )
    assert line.between(5, 15).tolist() == [[5, 0], [10, 0], [10, 5]]
    assert line.between(-9, 3).tolist() == [[0, 0], [3, 0]]
    assert line.between(30, 40).tolist() == []


def test_lines_follow_roads_gaps_and_raw_points_in_order() -> None:
    """A match is drawn along the roads, straight over a gap, through the points off the road, and not during a stay."""
    lines = driven_lines(road_map().network, track(), audit().match, PLANE)
    kinds = [line.kind for line in lines]
    assert kinds == [SegmentKind.MATCHED, SegmentKind.GAP, SegmentKind.OFF_ROAD, SegmentKind.MATCHED]
    np.testing.assert_allclose(lines[0].points[[0, -1]], [[0.0, 0.0], [200.0, 0.0]], atol=0.5)
    assert [line.time_ms[0] for line in lines] == [START_MS + minute * 60_000 for minute in (0, 4, 6, 7)]
    assert all((np.diff(line.time_ms) >= 0).all() for line in lines)


def test_the_background_holds_the_roads_in_sight_only() -> None:
    """Roads outside the frame are not in the file."""
    whole = road_background(road_map().network, PLANE, Frame(-500, -500, 2000, 2000))
    part = road_background(road_map().network, PLANE, Frame(-500, -500, 550, 2000))
    nothing = road_background(road_map().network, PLANE, Frame(5000, 5000, 10, 10))
    assert [background.lines["street"].count("M") for background in (whole, part, nothing)] == [3, 1, 0]


def test_a_street_is_named_along_all_its_pieces() -> None:
    """Pieces that go on straight carry one name together, written from west to east."""
    pieces = [
        ("Long", np.array([[200.0, 0.0], [100.0, 0.0]])),
        ("Long", np.array([[0.0, 0.0], [100.0, 0.0]])),
        ("Long", np.array([[100.0, 0.0], [100.0, 90.0]])),
        ("Short", np.array([[0.0, 0.0], [0.0, 20.0]])),
        ("", np.array([[0.0, 0.0], [0.0, 500.0]])),
    ]
    (street,) = street_names(pieces)
    assert (street.text, street.length_m) == ("Long", 200.0)
    assert street.line.startswith("M0 0l")


def test_a_name_stands_upright_along_a_round_street() -> None:
    """A street that leads back to itself is followed once, and named where it keeps a direction, from left to right."""
    angles = np.linspace(0.0, 2.0 * np.pi, 13)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]).round(6) * 100.0
    ring[-1] = ring[0]
    pieces = [("Ring", ring[index : index + 2]) for index in range(12)]
    (street,) = street_names(pieces)
    assert 60.0 < street.length_m < 320.0
    steps = re.findall(r"(-?[\d.]+) -?[\d.]+", street.line.partition("l")[2])
    assert all(float(dx) > 0 for dx in steps)
