"""How much of the plan was observed, and what may have happened before and after the recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.audit.gap_mileage import fastest_mps
from geo.audit.observed_time import UNSEEN_DETOUR, observed_share, unseen_at_the_ends_m
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions
from tests.ascii_road_map import ascii_road_map
from tests.geo.audit.hand_made_day import FinishedDay, HandMadeDay
from tests.geo.audit.planned_drive import MINUTE_MS, planned_drive

STREET = ascii_road_map("A----B----C----D", {"AB": {}, "BC": {}, "CD": {}}, grid_m=400.0)
PLAN = planned_drive(STREET, "ABCD", hours=1.0)
LEG_M = 2000.0


def seen(day: FinishedDay) -> SeenPoints:
    """All points of a day."""
    return SeenPoints.of_track(day.track, np.ones(len(day.track), dtype=bool), VisitOptions())


def test_gaps_and_missing_ends_are_not_observed() -> None:
    """Of an hour of plan, a gap of fifteen minutes and ten minutes before the end leave 35 minutes observed."""
    day = HandMadeDay(STREET, "A").stay(minutes=25).gap("B", minutes=15).stay(minutes=10).finish()
    assert observed_share(day.match, PLAN) == pytest.approx(35 / 60)


def test_time_beyond_the_plan_does_not_count() -> None:
    """Recording longer than planned is no more than all of it."""
    day = HandMadeDay(STREET, "A").stay(minutes=90).finish()
    assert observed_share(day.match, PLAN) == pytest.approx(1.0)


@pytest.mark.parametrize("plan", [None, replace(PLAN, end_ms=PLAN.start_ms)])
def test_no_planned_time_has_no_share(plan: object) -> None:
    """Where no time was planned there is no share of it."""
    day = HandMadeDay(STREET, "A").stay(minutes=5).finish()
    assert np.isnan(observed_share(day.match, plan))  # type: ignore[arg-type]


def test_a_recording_from_start_to_end_hides_nothing() -> None:
    """Who is seen at the planned start and at the planned end has no way unseen."""
    day = HandMadeDay(STREET, "A").drive("ABCD").finish()
    assert unseen_at_the_ends_m(seen(day), PLAN, profile="car") == pytest.approx(0.0, abs=1.0)


def test_the_way_to_the_first_fix_is_granted() -> None:
    """A phone switched on at the first customer hides the way there, with a detour by road."""
    start_ms = PLAN.working_start_ms + 20 * MINUTE_MS
    day = HandMadeDay(STREET, "B", start_ms=start_ms).drive("BCD").finish()
    unseen_m = unseen_at_the_ends_m(seen(day), PLAN, profile="car")
    assert unseen_m == pytest.approx(UNSEEN_DETOUR * LEG_M, rel=0.01)


def test_no_more_than_speed_allows_is_granted() -> None:
    """In ten seconds nobody drives from one customer to the next."""
    day = HandMadeDay(STREET, "B", start_ms=PLAN.working_start_ms + 10_000).drive("BCD").finish()
    assert unseen_at_the_ends_m(seen(day), PLAN, profile="car") == pytest.approx(10 * fastest_mps("car"), rel=0.01)
    assert unseen_at_the_ends_m(seen(day), PLAN, profile="foot") == pytest.approx(10 * fastest_mps("foot"), rel=0.01)


def test_nothing_planned_grants_nothing() -> None:
    """Without a plan nobody knows of a way that was not seen."""
    day = HandMadeDay(STREET, "B").drive("BC").finish()
    assert unseen_at_the_ends_m(seen(day), None, profile="car") == 0.0
