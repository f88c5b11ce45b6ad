"""What a track says about visits: every verdict, neighbours told apart, and never "missed" for want of data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.audit.planned_day import BreakAllowance, KnownPlace
from geo.audit.track_audit import VisitVerdict
from geo.audit.visit_options import VisitOptions
from geo.geodesy import places_at
from tests.geo.audit.field_track import (
    MINUTE_MS,
    MORNING_MS,
    ORIGIN,
    Act,
    field_track,
    judged,
    planned_day,
    planned_stop,
    verdicts,
    without,
)

HOME, NORTH, EAST, FAR = (0.0, 0.0), (0.0, 2000.0), (2000.0, 0.0), (3000.0, 3000.0)
DAY = planned_day([planned_stop("n", NORTH, at_minute=10), planned_stop("e", EAST, at_minute=40)])
DAY_TRACK = field_track([Act(HOME, 2), Act(NORTH, 15), Act(EAST, 15), Act(FAR, 500)])


def test_a_day_as_planned_is_visited() -> None:
    """Who stands at each customer for the planned time has visited all of them; the evidence names the stay."""
    day = replace(DAY, known_places=(KnownPlace(*_at(FAR)),))
    evidence = judged(DAY_TRACK, day)
    assert verdicts(evidence) == {"n": "visited", "e": "visited"}
    for line in evidence:
        assert line.stay is not None
        assert line.stay.end_ms - line.stay.start_ms == pytest.approx(15 * MINUTE_MS, rel=0.05)
        assert line.distance_m < 5.0
        assert line.late_s == 0.0


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        ({"latest_arrival_ms": MORNING_MS + MINUTE_MS}, VisitVerdict.LATE, "after the end of the window"),
        ({"earliest_arrival_ms": MORNING_MS + 60 * MINUTE_MS}, VisitVerdict.EARLY, "before the window opens"),
        ({"duration_s": 3600.0}, VisitVerdict.TOO_SHORT, "60 min were planned"),
        ({"latitude_degrees": ORIGIN[0] + 0.05}, VisitVerdict.MISSED, "the nearest one is"),
        ({"earliest_arrival_ms": MORNING_MS + 12 * MINUTE_MS}, VisitVerdict.VISITED, "A stay of 15 min"),
    ],
)
def test_each_verdict_has_its_reason(change: dict[str, float], verdict: VisitVerdict, words: str) -> None:
    """Late, early, too short and missed are told apart; waiting until the window opens is a visit in time."""
    day = replace(DAY, stops=(replace(DAY.stops[0], **change), DAY.stops[1]))  # type: ignore[arg-type]
    evidence = judged(DAY_TRACK, day)
    assert evidence[0].verdict is verdict
    assert words in evidence[0].reason
    assert evidence[1].verdict is VisitVerdict.VISITED


def test_out_of_order_is_still_a_visit() -> None:
    """Customers visited in another order than planned are visited."""
    track = field_track([Act(HOME, 2), Act(EAST, 15), Act(NORTH, 15)])
    day = replace(DAY, stops=tuple(replace(stop, latest_arrival_ms=DAY.end_ms) for stop in DAY.stops))
    assert verdicts(judged(track, day)) == {"n": "visited", "e": "visited"}


def test_a_stay_nobody_planned_is_listed_unless_the_plan_explains_it() -> None:
    """An unplanned stay is listed; at a depot, in a break, at a planned customer or when short it is not."""
    track = field_track([Act(HOME, 20), Act(NORTH, 15), Act(FAR, 20), Act(EAST, 15), Act((500.0, 500.0), 4)])
    stops = tuple(replace(stop, latest_arrival_ms=DAY.end_ms) for stop in DAY.stops)
    start_only = replace(DAY, stops=stops, known_places=(KnownPlace(*_at(HOME)),))
    with_depot = replace(start_only, known_places=(KnownPlace(*_at(HOME)), KnownPlace(*_at(FAR))))
    lunch = BreakAllowance(MORNING_MS, MORNING_MS + 120 * MINUTE_MS, 20 * 60.0)
    with_break = replace(start_only, breaks=(lunch,))
    assert [line.verdict.value for line in judged(track, start_only)] == ["visited", "visited", "unplanned"]
    assert [line.verdict.value for line in judged(track, with_depot)] == ["visited", "visited"]
    assert [line.verdict.value for line in judged(track, with_break)] == ["visited", "visited"]
    assert [line.visit_id for line in judged(track, DAY)].count("") == 2


def test_one_break_explains_one_stay() -> None:
    """Of two long stays in the time of one break, one is listed."""
    track = field_track([Act(FAR, 20), Act((3000.0, 0.0), 20)])
    lunch = BreakAllowance(MORNING_MS, MORNING_MS + 120 * MINUTE_MS, 20 * 60.0)
    evidence = judged(track, replace(planned_day([]), breaks=(lunch,)))
    assert [line.verdict for line in evidence] == [VisitVerdict.UNPLANNED]


def test_a_hidden_arrival_is_not_late() -> None:
    """Where the recording misses the arrival, a visit that seems late counts as in time, and says why."""
    track = field_track([Act(HOME, 2), Act(NORTH, 60), Act(HOME, 400)])
    minutes = (track.time_ms - MORNING_MS) / MINUTE_MS
    hidden = without(track, (minutes > 3) & (minutes < 50))
    day = planned_day([planned_stop("n", NORTH, at_minute=10, latest_arrival_ms=MORNING_MS + 20 * MINUTE_MS)])
    line = judged(hidden, day)[0]
    assert line.verdict is VisitVerdict.VISITED
    assert "not recorded" in line.reason


def test_a_visit_hidden_by_a_gap_cannot_be_told() -> None:
    """Where the whole visit lies in a hole of the recording, nobody can tell."""
    track = field_track([Act(HOME, 2), Act(NORTH, 15), Act(HOME, 500)])
    minutes = (track.time_ms - MORNING_MS) / MINUTE_MS
    day = planned_day([planned_stop("n", NORTH, at_minute=10)])
    assert judged(without(track, (minutes > 3) & (minutes < 24)), day)[0].verdict is VisitVerdict.CANNOT_TELL


def test_a_hole_too_short_for_the_way_hides_nothing() -> None:
    """A hole in which the worker cannot have gone there and back does not excuse."""
    track = field_track([Act(HOME, 550)])
    minutes = (track.time_ms - MORNING_MS) / MINUTE_MS
    day = planned_day([planned_stop("f", (0.0, 30_000.0), at_minute=100)])
    hole = without(track, (minutes > 100) & (minutes < 120))
    assert judged(hole, day)[0].verdict is VisitVerdict.MISSED
    longer_hole = without(track, (minutes > 100) & (minutes < 128))
    assert judged(longer_hole, day)[0].verdict is VisitVerdict.CANNOT_TELL


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_track_nothing_can_be_told(count: int) -> None:
    """No point, or a single one, proves nothing about a day."""
    track = without(DAY_TRACK, np.arange(len(DAY_TRACK)) >= count)
    assert verdicts(judged(track, DAY)) == {"n": "cannot_tell", "e": "cannot_tell"}


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.1, 0.5, 0.9, 0.99]),
    in_blocks=st.booleans(),
    every_s=st.sampled_from([5.0, 20.0, 60.0]),
)
def test_taking_data_away_never_makes_a_visit_missed(seed: int, share: float, in_blocks: bool, every_s: float) -> None:
    """Whatever part of a track is deleted, no verdict that was not "missed" becomes "missed"."""
    random = np.random.default_rng(seed)
    places = random.uniform(-600.0, 600.0, (7, 2))
    skipped = random.random(7) < 0.3
    acts = [Act(tuple(place), random.uniform(3, 20)) for place in places[~skipped]]
    track = field_track(acts, every_s=every_s, noise_m=8.0, correlation_s=30.0, seed=seed)
    day = planned_day([planned_stop(str(n), tuple(place), at_minute=20 * n) for n, place in enumerate(places)])
    block = 40 if in_blocks else 1
    hidden = np.repeat(random.random(len(track) // block + 1) < share, block)[: len(track)]
    before, after = verdicts(judged(track, day)), verdicts(judged(without(track, hidden), day))
    newly_missed = {name for name in after if after[name] == "missed" and before[name] != "missed"}
    assert newly_missed == set()


BLOCK = [(0.0, 1000.0), (35.0, 1000.0), (70.0, 1010.0), (20.0, 1060.0), (60.0, 1070.0)]


@pytest.mark.parametrize("noise_m", [3.0, 8.0])
@pytest.mark.parametrize("seed", range(5))
def test_five_customers_in_one_block_each_have_their_own_stay(noise_m: float, seed: int) -> None:
    """Five customers 35 to 70 m apart are each visited, at their own time, out of the planned order too."""
    order = [0, 2, 1, 4, 3]
    track = field_track(
        [Act(HOME, 5), *(Act(BLOCK[n], 12) for n in order), Act(HOME, 200)],
        noise_m=noise_m,
        correlation_s=20.0,
        seed=seed,
    )
    day = planned_day([planned_stop(str(n), place, at_minute=8 + 13 * n) for n, place in enumerate(BLOCK)])
    evidence = judged(track, replace(day, known_places=(KnownPlace(*_at(HOME)),)))
    assert set(verdicts(evidence).values()) == {"visited"}
    starts_ms = [evidence[n].stay.start_ms for n in order if evidence[n].stay]
    assert starts_ms == sorted(starts_ms)
    assert len(set(starts_ms)) == len(BLOCK)


@pytest.mark.parametrize("seed", range(5))
def test_a_skipped_customer_of_a_block_is_not_visited(seed: int) -> None:
    """Of five customers in one block the one who was left out is not called visited, and the others are."""
    track = field_track(
        [Act(HOME, 5), *(Act(BLOCK[n], 12) for n in (0, 1, 3, 4)), Act(HOME, 200)], noise_m=5.0, seed=seed
    )
    day = planned_day([planned_stop(str(n), place, at_minute=8 + 13 * n) for n, place in enumerate(BLOCK)])
    found = verdicts(judged(track, day))
    assert found.pop("2") in {"missed", "cannot_tell"}
    assert {found[str(n)] for n in (0, 1, 3, 4)} == {"visited"}


@pytest.mark.parametrize(("minutes", "expected"), [(40, {"visited"}), (12, {"visited", "cannot_tell"})])
def test_customers_behind_one_door_share_a_stay_while_its_time_lasts(minutes: float, expected: set[str]) -> None:
    """Three customers in one building are all visited by one long stay; a short one is not enough for all."""
    track = field_track([Act(HOME, 5), Act(NORTH, minutes), Act(HOME, 200)], noise_m=4.0)
    day = planned_day([planned_stop(str(n), (0.0, 2000.0 + n), at_minute=10 + 15 * n) for n in range(3)])
    lines = [line for line in judged(track, day) if line.visit_id]
    assert {line.verdict.value for line in lines} == expected


def test_a_stay_goes_to_the_customer_it_fits_in_time_where_distance_does_not_tell() -> None:
    """Two visits to one customer on one day each get their own stay, in order of time."""
    track = field_track([Act(NORTH, 15), Act(EAST, 60), Act(NORTH, 15), Act(HOME, 200)])
    day = planned_day([planned_stop("morning", NORTH, at_minute=5), planned_stop("noon", NORTH, at_minute=90)])
    evidence = judged(track, day)
    assert evidence[0].stay is not None
    assert evidence[1].stay is not None
    assert evidence[0].stay.start_ms < evidence[1].stay.start_ms


def test_a_stay_broken_by_a_hole_is_one_visit() -> None:
    """Two stays at one customer with a hole of the recording between them are long enough together."""
    track = field_track([Act(NORTH, 90), Act(HOME, 300)])
    minutes = (track.time_ms - MORNING_MS) / MINUTE_MS
    hidden = without(track, (minutes > 24) & (minutes < 64))
    day = planned_day([planned_stop("n", NORTH, at_minute=5, minutes=90)])
    assert verdicts(judged(hidden, day)) == {"n": "visited", "": "unplanned"}


def test_reasons_hold_no_coordinates() -> None:
    """No reason names a place by numbers with more than four digits after the point, or any degrees."""
    for line in judged(DAY_TRACK, DAY):
        assert str(ORIGIN[0]) not in line.reason
        assert "." not in line.reason.rstrip(".")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"enough_share": -0.1}, "enough_share must not be negative"),
        ({"max_speed_mps": 0.0}, "max_speed_mps must be positive"),
        ({"min_presence_s": 500.0}, "sure_presence_s must not be less than min_presence_s"),
        ({"accuracy_factor": float("nan")}, "accuracy_factor must not be negative"),
    ],
)
def test_senseless_options_are_refused(options: dict[str, float], message: str) -> None:
    """Options that no visit can meet name themselves and what was given."""
    with pytest.raises(ValueError, match=message):
        VisitOptions(**options)


def _at(place: tuple[float, float]) -> tuple[float, float]:
    latitude, longitude = places_at(*ORIGIN, east_m=place[0], north_m=place[1])
    return float(latitude), float(longitude)
