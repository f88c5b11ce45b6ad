"""Pieces of the travelled way add up to the match and lie where the match lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.audit.planned_path import PlannedPath
from geo.audit.travelled_pieces import PIECE_M, TravelledPieces, cut_into_pieces
from geo.geodesy import great_circles_m
from geo.matching.match import PointState, SegmentKind
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.audit.hand_made_day import FinishedDay, HandMadeDay

TOWN = ascii_road_map(
    """
    A-----B-----C
          |     |
          |     D--5
          E
    """,
    {"ABC": {}, "BE": {}, "CD": {}},
    grid_m=50.0,
)


def pieces_of(day: FinishedDay, road_map: AsciiRoadMap = TOWN) -> TravelledPieces:
    """Cut a finished day."""
    return cut_into_pieces(day.track, day.match, road_map.network)


def test_pieces_add_up_to_their_segments() -> None:
    """The metres of the pieces of a segment are the metres of the segment, for roads and off the roads."""
    day = HandMadeDay(TOWN, "A", noise_m=8.0).drive("ABC").stay(minutes=3).drive("CD").off_road("5").finish()
    pieces = pieces_of(day)
    for index, segment in enumerate(day.match.segments):
        of_segment = pieces.length_m[pieces.segment == index]
        assert of_segment.sum() == pytest.approx(segment.length_m, rel=1e-6)
        assert (len(of_segment) > 0) == (segment.kind in {SegmentKind.MATCHED, SegmentKind.OFF_ROAD})
    assert pieces.length_m.max() <= PIECE_M * 1.01


def test_pieces_lie_on_the_matched_road_whatever_the_noise() -> None:
    """The middle of a piece lies on its own edge, however far the recorded points jitter."""
    pieces = pieces_of(HandMadeDay(TOWN, "A", noise_m=30.0).drive("ABC").finish())
    for edge in set(pieces.edge.tolist()):
        points = TOWN.network.edge_points(edge)
        path = PlannedPath.through(points[:, 0], points[:, 1])
        on_edge = pieces.edge == edge
        distance_m, _ = path.nearest(pieces.latitude_degrees[on_edge], pieces.longitude_degrees[on_edge])
        assert distance_m.max() < 0.01


def test_pieces_follow_one_another_in_time() -> None:
    """Each piece starts when the one before ends, and the first and last are those of the segment."""
    day = HandMadeDay(TOWN, "A").drive("ABC").finish()
    pieces = pieces_of(day)
    np.testing.assert_allclose(pieces.start_ms[1:], pieces.end_ms[:-1], atol=1)
    assert pieces.start_ms[0] == day.match.segments[0].start_ms
    assert pieces.end_ms[-1] == pytest.approx(day.match.segments[0].end_ms, abs=1)


def test_a_turn_in_the_middle_of_an_edge_is_followed() -> None:
    """A path that leaves an edge half-way and comes back has pieces only on that half."""
    day = HandMadeDay(TOWN, "A").drive("ABA").finish()
    whole = day.match.segments[0]
    turned = replace(
        whole,
        edge_from_fraction=np.array([0.0, 0.5]),
        edge_to_fraction=np.array([0.5, 1.0]),
        length_m=whole.length_m / 2.0,
    )
    pieces = pieces_of(FinishedDay(day.track, replace(day.match, segments=(turned,))))
    from_start_m = great_circles_m(*TOWN.place("A"), pieces.latitude_degrees, pieces.longitude_degrees)
    assert from_start_m.max() == pytest.approx(whole.length_m / 4.0, abs=PIECE_M)
    assert pieces.length_m.sum() == pytest.approx(whole.length_m / 2.0)


def test_dropped_points_are_no_part_of_the_way() -> None:
    """Off the roads, a point that is not believed bends nothing."""
    day = HandMadeDay(TOWN, "D").off_road("5").finish()
    state = day.match.point_state.copy()
    state[2] = PointState.DROPPED
    latitude = day.track.latitude_degrees.copy()
    latitude[2] += 0.1
    spoiled = FinishedDay(replace(day.track, latitude_degrees=latitude), replace(day.match, point_state=state))
    assert pieces_of(spoiled).latitude_degrees.max() < TOWN.place("A")[0]


def test_a_day_that_never_moved_has_no_pieces() -> None:
    """Stays and gaps alone give no pieces, and travelled metres of nothing are nothing."""
    pieces = pieces_of(HandMadeDay(TOWN, "A").stay(minutes=5).gap("C", minutes=5).finish())
    assert len(pieces) == 0
    assert len(pieces.travelled_m) == 0
