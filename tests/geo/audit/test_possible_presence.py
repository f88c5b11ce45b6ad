"""The longest possible presence: what fixes rule out, and that fewer fixes never rule out more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.audit.possible_presence import PossiblePresence, possible_presence
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions
from geo.geodesy import places_at
from geo.tracks.track import Track
from tests.geo.audit.field_track import MORNING_MS, ORIGIN, planned_stop

OPTIONS = VisitOptions()
CUSTOMER = planned_stop("c", (0.0, 0.0), at_minute=10)
CLEAR_M = CUSTOMER.radius_m + OPTIONS.accuracy_factor * OPTIONS.assumed_accuracy_m


def presence_of(
    fixes: list[tuple[float, float]], *, end_s: float = 1000.0, accuracy_m: float = np.nan
) -> PossiblePresence:
    """Presence at the customer for fixes given as (second, metres east of the customer)."""
    at_s, east_m = np.array(fixes, dtype=float).reshape(-1, 2).T
    latitude, longitude = places_at(*ORIGIN, east_m=east_m, north_m=np.zeros(len(at_s)))
    unknown = np.full(len(at_s), np.nan)
    track = Track((MORNING_MS + at_s * 1000).astype(np.int64), latitude, longitude, unknown + 0, unknown, unknown)
    track = replace(track, accuracy_m=np.full(len(at_s), accuracy_m))
    seen = SeenPoints.of_track(track, np.ones(len(at_s), dtype=bool), OPTIONS)
    return possible_presence(
        seen, CUSTOMER, start_ms=MORNING_MS, end_ms=MORNING_MS + round(end_s * 1000), options=OPTIONS
    )


@pytest.mark.parametrize(
    ("fixes", "expected_s"),
    [
        ([], 1000.0),
        ([(500.0, 0.0)], 1000.0),
        ([(500.0, CLEAR_M - 1)], 1000.0),
        ([(600.0, CLEAR_M + 400)], 590.0),
        ([(0.0, CLEAR_M + 400), (1000.0, CLEAR_M + 4000)], 890.0),
        ([(0.0, CLEAR_M + 8_000), (500.0, 0.0), (1000.0, CLEAR_M + 8_000)], 600.0),
        ([(0.0, CLEAR_M + 8_000), (100.0, CLEAR_M + 40), (1000.0, 0.0)], 800.0),
        ([(0.0, 1e6)], 400.0),
        ([(at, 90_000.0) for at in range(0, 1001, 10)], 0.0),
    ],
)
def test_what_fixes_leave_open(fixes: list[tuple[float, float]], expected_s: float) -> None:
    """Each fix elsewhere rules out its moment and the way from there; all the rest is open."""
    assert presence_of(fixes).longest_s == pytest.approx(expected_s, abs=0.2)


@pytest.mark.parametrize(
    ("fixes", "when"),
    [
        ([(300.0, 0.0)], "at any time"),
        ([(900.0, 500.0)], "before the first fix elsewhere"),
        ([(100.0, 500.0)], "after the last fix elsewhere"),
        ([(100.0, 500.0), (900.0, 500.0)], "between two fixes elsewhere"),
    ],
)
def test_it_says_when_the_time_is(fixes: list[tuple[float, float]], when: str) -> None:
    """The open time is named by the fixes around it."""
    assert presence_of(fixes).when == when


def test_a_worse_fix_proves_less() -> None:
    """A fix rules presence out only beyond its own error; none is believed to be better than the best accuracy."""
    fixes = [(at, 150.0) for at in np.arange(0.0, 1001.0, 10.0)]
    assert presence_of(fixes, accuracy_m=5.0).longest_s < 20.0
    assert presence_of(fixes, accuracy_m=50.0).longest_s == 1000.0
    just_outside = [(at, CUSTOMER.radius_m + 20.0) for at in np.arange(0.0, 1001.0, 10.0)]
    assert presence_of(just_outside, accuracy_m=1.0).longest_s == 1000.0


fixes_of_a_day = st.lists(
    st.tuples(st.integers(0, 1000).map(float), st.integers(-3000, 3000).map(float)),
    max_size=40,
    unique_by=lambda f: f[0],
).map(sorted)


@given(fixes=fixes_of_a_day, data=st.data())
def test_fewer_fixes_never_rule_out_more(fixes: list[tuple[float, float]], data: st.DataObject) -> None:
    """Any part of the fixes leaves at least as much open as all of them: the ground on which "missed" stands."""
    kept = data.draw(st.lists(st.booleans(), min_size=len(fixes), max_size=len(fixes)))
    fewer = [fix for fix, keep in zip(fixes, kept, strict=True) if keep]
    assert presence_of(fewer).longest_s >= presence_of(fixes).longest_s - 1e-6


@given(fixes=fixes_of_a_day)
def test_the_nearest_fix_is_named(fixes: list[tuple[float, float]]) -> None:
    """The distance of the nearest fix is part of the evidence; without fixes it is infinite."""
    expected_m = min((abs(east_m) for _, east_m in fixes), default=np.inf)
    assert presence_of(fixes).nearest_m == pytest.approx(expected_m, rel=1e-3, abs=0.5)


@pytest.mark.parametrize(
    ("from_s", "until_s", "expected_s"),
    [(100, 200, 480.0), (700, 800, 380.0), (950, 960, 90.0), (480, 520, 480.0), (495, 505, 0.0)],
)
def test_only_the_time_around_a_stay_counts_for_it(from_s: int, until_s: int, expected_s: float) -> None:
    """The stretch around a stay is that between the fixes elsewhere before and after it, not any other of the day."""
    presence = presence_of([(at_s, CLEAR_M + 400) for at_s in (0.0, 500.0, 900.0)])
    around_s = presence.longest_around_s(MORNING_MS + from_s * 1000, MORNING_MS + until_s * 1000)
    assert around_s == pytest.approx(expected_s, abs=0.2)
