"""Where a mismatch lies: at ends that were never recorded, beside the fixes, or in the match."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.route_residual import residual_on_ground
from benchmarks.route_score import score_on_ground
from geo.matching.map_matcher import MapMatcher
from geo.tracks.track import Track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import track_on


def roads() -> AsciiRoadMap:
    """Draw a street with a street beside it."""
    return ascii_road_map(
        """
                C---a---b---c---d---e---D
                |                       |
                |                       |
        A--0-1--B-2-3-4-5-6-7-8-9-------E-------F
        """,
        {"ABEF": {}, "BCDE": {}},
    )


def line(road_map: AsciiRoadMap, letters: str) -> np.ndarray:
    """Return the places of some letters."""
    return np.array([road_map.place(letter) for letter in letters])


@pytest.mark.parametrize(
    ("true_way", "seen", "beside_m", "mistaken_m"),
    [
        ("ABEF", "0123456789", 0.0, 0.0),
        ("ABCDEF", "0123456789", 300.0, 0.0),
        ("ABCDEF", "01abcde", 0.0, 300.0),
    ],
)
def test_a_mismatch_is_where_the_fixes_say(true_way: str, seen: str, beside_m: float, mistaken_m: float) -> None:
    """What lies nearer to the fixes than the other line is right; what nobody recorded is an end; all add up."""
    road_map = roads()
    track, recording = track_on(road_map, "0123456789"), track_on(road_map, seen)
    match = MapMatcher(road_map.network).match(track)
    truth = line(road_map, true_way)
    rest = residual_on_ground(road_map.network, track, match, truth, recording)
    score = score_on_ground(road_map.network, track, match, truth)
    assert rest.at_ends_m + rest.beside_fixes_m + rest.mistaken_m == score.missed_m + score.added_m
    assert rest.at_ends_m == pytest.approx(30.0 + 160.0, abs=35.0)
    assert rest.beside_fixes_m == pytest.approx(beside_m, abs=120.0)
    assert rest.mistaken_m == pytest.approx(mistaken_m, abs=120.0)


def test_nothing_matched_is_missed() -> None:
    """Without a match there is no line that fixes could lie nearer to."""
    road_map = roads()
    track = track_on(road_map, "0123456789")
    nothing = MapMatcher(road_map.network).match(Track(**{name: column[:0] for name, column in vars(track).items()}))
    rest = residual_on_ground(road_map.network, track, nothing, line(road_map, "ABEF"), track)
    assert rest.beside_fixes_m == 0.0
    assert rest.at_ends_m + rest.mistaken_m == pytest.approx(rest.true_m, abs=2.0)
