"""The cases that users report against map matchers, on drawn maps: digits are the points, letters the roads."""

from __future__ import annotations

import pytest

from geo.matching.match import PointState
from tests.ascii_road_map import ascii_road_map
from tests.geo.matching.match_reading import kinds, length_m, match_of, path_text


def test_a_drive_through_a_bend_follows_the_road() -> None:
    """Points beside the road are laid on it, and the length is that of the road."""
    road_map = ascii_road_map(
        """
            1   2   3   4
          A---------------B
                          |
                          |5
                          |
                          |6
                          C
        """,
        {"AB": {}, "BC": {}},
    )
    match = match_of(road_map, "123456")
    assert kinds(match) == ["MATCHED"]
    assert path_text(road_map, match) == "ABC"
    assert length_m(match) == pytest.approx(140 + 40, abs=6.0)
    assert set(match.point_state) == {PointState.MATCHED}


def test_of_parallel_carriageways_the_one_in_the_direction_of_travel_is_taken() -> None:
    """Twenty metres apart, one-way each: a track between them lies on the one that goes its way."""
    road_map = ascii_road_map(
        """
          A-----------------------B
             1   2   3   4   5
          D-----------------------C
        """,
        {"BA": {"oneway": "yes"}, "DC": {"oneway": "yes"}, "AD": {}, "BC": {}},
    )
    assert path_text(road_map, match_of(road_map, "12345")) == "DC"
    assert path_text(road_map, match_of(road_map, "54321")) == "BA"


def test_driving_the_wrong_way_up_a_one_way_is_matched_and_reported() -> None:
    """What was driven is matched, even where it is forbidden, and the edge is listed."""
    road_map = ascii_road_map(
        """
          A--1--2--3--B--4--5--6--C
        """,
        {"AB": {}, "CB": {"oneway": "yes"}},
    )
    match = match_of(road_map, "123456")
    assert path_text(road_map, match) == "ABC"
    (segment,) = match.segments
    assert segment.edges[segment.forbidden_edges].tolist() == [road_map.edge("BC")]


def test_a_turn_back_in_the_middle_of_a_road_is_found() -> None:
    """Going back the way one came, without a junction, is a turn in the middle of the edge."""
    road_map = ascii_road_map(
        """
          A---1---2---3---4---------------------------------------------B
              9   8   7   6
                            5
        """,
        {"AB": {}},
    )
    match = match_of(road_map, "123456789")
    (segment,) = match.segments
    assert segment.edges.tolist() == [road_map.edge("AB"), road_map.edge("BA")]
    assert length_m(match) == pytest.approx(2 * 140, abs=25)


def test_a_loop_driven_twice_counts_twice() -> None:
    """Two rounds are two rounds."""
    road_map = ascii_road_map(
        """
          A---1---B
          |       |
          4       2
          |       |
          D---3---C
        """,
        {"ABCDA": {}},
    )
    match = match_of(road_map, "123412341")
    assert length_m(match) == pytest.approx(2 * 240, abs=10)


def test_a_roundabout_is_taken_in_its_direction() -> None:
    """Leaving to the left means going three quarters around."""
    road_map = ascii_road_map(
        """
                    N
                    |
                    6
                    |
                    B
                  5   4
          W--1--A       C----E
                  2   3
                    D
                    |
                    S
        """,
        {
            "WA": {},
            "ADCBA": {"junction": "roundabout", "oneway": "yes"},
            "BN": {},
            "CE": {},
            "DS": {},
        },
        grid_m=8,
    )
    assert path_text(road_map, match_of(road_map, "123456", step_s=2.0)) == "WADCBN"


def test_the_last_and_the_first_point_count() -> None:
    """The path begins at the first point and ends at the last."""
    road_map = ascii_road_map(
        """
          A--1-----2-----3-----4--B
        """,
        {"AB": {}},
    )
    (segment,) = match_of(road_map, "1234").segments
    assert segment.first_fraction == pytest.approx(3 / 24, abs=0.02)
    assert segment.last_fraction == pytest.approx(21 / 24, abs=0.02)


def test_identical_points_add_nothing() -> None:
    """Standing at a light is no movement."""
    road_map = ascii_road_map(
        """
          A--1-----2-----3-----4--B
        """,
        {"AB": {}},
    )
    assert length_m(match_of(road_map, "12222223333334")) == pytest.approx(180, abs=2)


def test_where_the_map_has_no_road_the_track_is_off_road() -> None:
    """Points across a field keep their own geometry, between roads on both sides."""
    road_map = ascii_road_map(
        """
          A--1--2--3--B                              D--8--9--C
                       \\
                         4                        7

                                 5       6
        """,
        {"AB": {}, "DC": {}},
        grid_m=40,
    )
    match = match_of(road_map, "123456789", step_s=30.0)
    assert kinds(match) == ["MATCHED", "OFF_ROAD", "MATCHED"]
    assert path_text(road_map, match) == "AB DC"
    assert {match.point_state[4], match.point_state[5]} == {PointState.OFF_ROAD}


def test_a_tunnel_without_points_is_matched_through() -> None:
    """A minute without points inside a tunnel follows the only road."""
    road_map = ascii_road_map(
        """
          A--1--2--B~~~~~~~~~~~~~~~~~~~~~C--3--4--D
                                 |
                                 |
                                 E
        """,
        {"AB": {}, "BC": {"tunnel": "yes"}, "CD": {}},
    )
    match = match_of(road_map, "1234", step_s=30.0)
    assert kinds(match) == ["MATCHED"]
    assert path_text(road_map, match) == "ABCD"
