"""The score: parts that are shown, left out where they cannot be measured, and no cliffs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.audit.planned_day import PlannedDay
from geo.audit.score import VERSION, ScoredFindings, score_day
from geo.audit.track_audit import Deviation, DeviationCause, Mileage, Score, VisitEvidence, VisitVerdict
from geo.tracks.stays import Stay
from tests.geo.audit.field_track import MINUTE_MS, MORNING_MS, planned_day, planned_stop

STOPS = tuple(planned_stop(str(n), (500.0 * n, 0.0), at_minute=30 + 60 * n) for n in range(5))
DAY = planned_day(
    STOPS,
    length_m=40_000.0,
    path_latitude_degrees=np.array([60.0, 60.1]),
    path_longitude_degrees=np.array([24.0, 24.1]),
)
SHOWN = {VisitVerdict.VISITED, VisitVerdict.EARLY, VisitVerdict.LATE, VisitVerdict.TOO_SHORT}


def visit(
    position: int, verdict: VisitVerdict = VisitVerdict.VISITED, *, minute: float | None = None, late_s: float = 0.0
) -> VisitEvidence:
    """One line of a visit table; without a minute the visit took place as planned."""
    start_ms = STOPS[position].arrival_ms if minute is None else MORNING_MS + round(minute * MINUTE_MS)
    stay = Stay(0, 9, start_ms, start_ms + 15 * MINUTE_MS, 60.0, 24.0, 5.0) if verdict in SHOWN else None
    return VisitEvidence(str(position), verdict, stay, position, math.nan, late_s, "")


def mileage(total_m: float = 40_000.0) -> Mileage:
    """Measured distance."""
    return Mileage(total_m, total_m, 0.0, 0.0, total_m, total_m, total_m, 0.0, (), {})


def deviation(length_m: float) -> Deviation:
    """An interval off the plan."""
    return Deviation(MORNING_MS, MORNING_MS + 1, length_m, length_m, 100.0, DeviationCause.UNEXPLAINED)


AS_PLANNED = ScoredFindings(tuple(visit(n) for n in range(5)), (), mileage(), 40_000.0, 1.0)


def scored(day: PlannedDay | None = DAY, **changes: object) -> Score:
    """Score a day that is as planned but for some changes."""
    return score_day(day, replace(AS_PLANNED, **changes))  # type: ignore[arg-type]


def parts(score: Score) -> dict[str, float]:
    """Parts by name, those that are left out not."""
    return {part.name: part.value for part in score.parts if not math.isnan(part.value)}


def test_a_day_as_planned_is_a_hundred() -> None:
    """Everything as planned scores 100 in every part, by the version that says so."""
    score = scored()
    assert score.value == pytest.approx(100.0)
    assert set(parts(score).values()) == {100.0}
    assert score.version == VERSION
    assert sum(part.weight for part in score.parts) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"visits": (visit(0), visit(1), visit(2), visit(3), visit(4, VisitVerdict.MISSED))}, "visits", 80.0),
        ({"visits": (visit(0), visit(1, VisitVerdict.TOO_SHORT))}, "visits", 75.0),
        ({"visits": (visit(0), visit(1, VisitVerdict.CANNOT_TELL))}, "visits", 100.0),
        ({"visits": (visit(0, minute=200), visit(1), visit(2))}, "order", 100.0 / 3),
        ({"visits": (visit(0), visit(1, VisitVerdict.LATE, late_s=1800.0))}, "time", 75.0),
        ({"visits": (visit(0), visit(1, VisitVerdict.LATE, late_s=9000.0))}, "time", 50.0),
        ({"visits": (visit(0, VisitVerdict.EARLY, minute=-15), visit(1))}, "time", 87.5),
        ({"deviations": (deviation(3_000.0), deviation(1_000.0), deviation(400.0))}, "path", 90.0),
        ({"mileage": mileage(50_000.0)}, "mileage", 75.0),
        ({"mileage": mileage(90_000.0)}, "mileage", 0.0),
        ({"mileage": mileage(30_000.0)}, "mileage", 100.0),
    ],
)
def test_each_part_follows_its_formula(changes: dict[str, object], name: str, value: float) -> None:
    """Visits, order, time, path and mileage are worth what the documented formulas say."""
    assert parts(scored(**changes))[name] == pytest.approx(value)


@pytest.mark.parametrize(
    ("changes", "left_out", "why"),
    [
        ({"visits": ()}, "visits", "no visit was planned"),
        ({"visits": (visit(0, VisitVerdict.CANNOT_TELL),)}, "visits", "can tell of none"),
        ({"visits": (visit(0), visit(1, VisitVerdict.MISSED))}, "order", "fewer than two visits"),
        ({"visits": (visit(0, VisitVerdict.MISSED),)}, "time", "no visit took place"),
        ({"observed_share": 0.4}, "path", "less than half"),
        ({"observed_share": math.nan}, "path", "less than half"),
        ({"travelled_m": 0.0}, "path", "no way was observed"),
        ({"observed_share": 0.4}, "mileage", "less than half"),
        ({"mileage": mileage(math.nan)}, "mileage", "less than half"),
    ],
)
def test_what_cannot_be_measured_is_left_out(changes: dict[str, object], left_out: str, why: str) -> None:
    """A part without data is left out, says why, and the others keep the score where it was."""
    score = scored(**changes)
    (part,) = [part for part in score.parts if part.name == left_out]
    assert math.isnan(part.value)
    assert part.explanation.startswith("Left out: ")
    assert why in part.explanation
    measured = [part for part in score.parts if not math.isnan(part.value)]
    expected = sum(part.weight * part.value for part in measured) / sum(part.weight for part in measured)
    assert score.value == pytest.approx(expected)


def test_a_plan_without_path_or_length_has_no_such_parts() -> None:
    """A plan that is only a list of visits is scored by its visits."""
    day = replace(DAY, path_latitude_degrees=np.empty(0), path_longitude_degrees=np.empty(0), length_m=0.0)
    assert set(parts(scored(day))) == {"visits", "order", "time"}


def test_no_plan_is_no_score() -> None:
    """Without a plan every part is left out and there is no value."""
    score = scored(None)
    assert math.isnan(score.value)
    assert len(score.parts) == 5


@given(
    verdicts=st.lists(st.sampled_from([v for v in VisitVerdict if v is not VisitVerdict.UNPLANNED]), max_size=5),
    late_s=st.floats(0.0, 1e5),
    off_m=st.floats(0.0, 1e5),
    driven_m=st.one_of(st.just(math.nan), st.floats(0.0, 1e6)),
    observed=st.one_of(st.just(math.nan), st.floats(0.0, 1.0)),
)
def test_every_score_is_within_its_range(
    verdicts: list[VisitVerdict], late_s: float, off_m: float, driven_m: float, observed: float
) -> None:
    """Whatever happened, the score and its parts are in [0, 100] or left out."""
    lines = tuple(visit(n, verdict, late_s=late_s) for n, verdict in enumerate(verdicts))
    score = scored(visits=lines, deviations=(deviation(off_m),), mileage=mileage(driven_m), observed_share=observed)
    assert math.isnan(score.value) == (not parts(score))
    assert all(0.0 <= value <= 100.0 for value in parts(score).values())
    assert math.isnan(score.value) or 0.0 <= score.value <= 100.0 + 1e-9


@given(late_s=st.floats(0.0, 7200.0), more_s=st.floats(0.0, 60.0))
def test_a_minute_of_difference_moves_the_score_little(late_s: float, more_s: float) -> None:
    """Arrival known to a minute moves the score of a day with one late visit by less than half a point."""
    scores = [
        scored(visits=(visit(0), visit(1, VisitVerdict.LATE, late_s=seconds))).value
        for seconds in (late_s, late_s + more_s)
    ]
    assert abs(scores[0] - scores[1]) < 0.5
