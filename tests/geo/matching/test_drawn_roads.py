"""The cases that users report against map matchers, on drawn maps: digits are the points, letters the roads."""

from __future__ import annotations

import numpy as np
import pytest

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import PointState
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import ascii_road_map
from tests.geo.matching.match_reading import START_MS, kinds, length_m, match_of, path_text, track_on


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


def test_of_stacked_roads_the_one_that_leads_on_is_taken() -> None:
    """Where one road crosses above another without a junction, the track stays on its own."""
    road_map = ascii_road_map(
        """
                      C
                      |
                      |
          A--1--2--3--+--4--5--6--B
                      |
                      |
                      D
        """,
        {"AB": {}, "CD": {"bridge": "yes", "layer": "1"}, "CA": {}},
    )
    match = match_of(road_map, "123456")
    assert path_text(road_map, match) == "AB"
    assert length_m(match) == pytest.approx(180, abs=5)


def test_driving_into_a_dead_end_and_out_again_counts_both_ways() -> None:
    """Reversing into a yard: in and out are driven, the turn at its end is no detour."""
    road_map = ascii_road_map(
        """
          A--1--2--3--B--8--9-----C
                      |
                      4
                      7
                      5
                      |
                      6
                      Y
        """,
        {"ABC": {}, "BY": {}},
    )
    match = match_of(road_map, "1234565789")
    assert path_text(road_map, match) == "ABYBC"
    assert length_m(match) == pytest.approx(90 + 2 * 60 + 60, abs=25)


def test_reversing_into_a_yard_and_leaving_it_adds_no_other_road() -> None:
    """Past the gate, backwards into the yard and on: the road is driven on, the street behind the yard is not."""
    road_map = ascii_road_map(
        """
          A---1---2---3---4---5---9---B
          |             8   6         |
          |               7           |
          |                           |
          |                           |
          C---------------------------D
        """,
        {"AB": {}, "ACDB": {}},
    )
    match = match_of(road_map, "12345678459")
    assert set(path_text(road_map, match)) == {"A", "B"}
    assert 200.0 <= length_m(match) <= 200.0 + 2 * 60.0


def test_a_turn_in_a_car_park_beside_the_road_adds_no_other_road() -> None:
    """A round through an unmapped car park ends on the road where it began."""
    road_map = ascii_road_map(
        """
          A--1--2--3--------------4--5--6--B
                      7        8
                        9----0
                            |
                            |
                            C
        """,
        {"AB": {}},
    )
    match = match_of(road_map, "1237984456")
    assert set(path_text(road_map, match).replace(" ", "")) <= {"A", "B"}
    assert length_m(match) < 2 * 300


def test_a_point_that_the_device_calls_poor_does_not_pull_the_path_aside() -> None:
    """With 150 m of stated accuracy, a point on the parallel road changes nothing; with 5 m it does."""
    road_map = ascii_road_map(
        """
          A--1--2-------------4--5--B
          |                         |
          |            3            |
          D-------------------------C
        """,
        {"AB": {}, "DC": {}, "AD": {}, "BC": {}},
        grid_m=12,
    )
    matcher = MapMatcher(road_map.network)
    accuracy_m = [5.0, 5.0, 150.0, 5.0, 5.0]
    poor = matcher.match(track_on(road_map, "12345", step_s=10.0, accuracy_m=accuracy_m))
    assert path_text(road_map, poor) == "AB"
    assert kinds(poor) == ["MATCHED"]


def test_the_bearing_of_the_device_tells_carriageways_apart() -> None:
    """Of two one-way roads under the same points, the one in the stated direction is taken."""
    road_map = ascii_road_map(
        """
          A-----------------------B
             1        2        3
          D-----------------------C
        """,
        {"BA": {"oneway": "yes"}, "DC": {"oneway": "yes"}, "AD": {}, "BC": {}},
        grid_m=4,
    )
    latitude, longitude = road_map.points("2")
    for bearing, expected in ((90.0, "DC"), (270.0, "BA")):
        track = recorded_track(
            START_MS + np.arange(3) * 1000,
            np.repeat(latitude, 3),
            longitude[0] + np.sign(180.0 - bearing) * np.arange(3) * 1e-4,
            speed_mps=np.full(3, 10.0),
            bearing_degrees=np.full(3, bearing),
        )
        assert path_text(road_map, MapMatcher(road_map.network).match(track)) == expected


def test_a_step_back_within_the_error_of_the_device_is_no_turn() -> None:
    """Forty metres backwards are noise for a device that says 23 m, and driven for one that says 3 m."""
    road_map = ascii_road_map(
        """
          A-1---2---3---5---4---6---7---B
        """,
        {"AB": {}},
    )
    matcher = MapMatcher(road_map.network)
    by_accuracy_m = {
        accuracy_m: length_m(matcher.match(track_on(road_map, "1234567", accuracy_m=np.full(7, accuracy_m))))
        for accuracy_m in (3.0, 23.0)
    }
    assert by_accuracy_m[23.0] == pytest.approx(240, abs=3)
    assert by_accuracy_m[3.0] == pytest.approx(320, abs=3)
