"""Speeds learnt from drives: known ones are recovered, and little evidence moves nothing far."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError
from geo.roads.network import RoadClass
from geo.routing.learnt_speeds import LEAST_DRIVES, PRIOR_DRIVE_S, DrivenStretches, learn_speeds
from geo.routing.time_profiles import HOURS_OF_WEEK

CLASSES = np.array([RoadClass.PRIMARY, RoadClass.RESIDENTIAL, RoadClass.MOTORWAY])
TURNS_S = 5.0


def random_stretches(
    times: NDArray[np.float64], *, hours: list[int], count: int, drives: int, seed: int = 0
) -> DrivenStretches:
    """Stretches of three parts each that take exactly so many times what is expected, by hour of the week and class."""
    rng = np.random.default_rng(seed)
    hour = rng.choice(hours, count)
    part_stretch = np.repeat(np.arange(count), 3)
    part_class = rng.choice(CLASSES, 3 * count)
    part_s = rng.uniform(5.0, 40.0, 3 * count)
    driven_s = TURNS_S + np.bincount(part_stretch, weights=part_s * times[hour[part_stretch], part_class])
    turns_s = np.full(count, TURNS_S)
    return DrivenStretches(np.arange(count) % drives, hour, driven_s, turns_s, part_stretch, part_class, part_s)


def test_known_speeds_are_recovered_from_mixed_stretches() -> None:
    """Each class and hour gets its own factor, although every stretch leads over several classes."""
    times = np.ones((HOURS_OF_WEEK, len(RoadClass)))
    times[8, RoadClass.PRIMARY], times[8, RoadClass.RESIDENTIAL], times[8, RoadClass.MOTORWAY] = 2.0, 1.25, 0.8
    times[17, RoadClass.PRIMARY] = 1.6
    learnt = learn_speeds(random_stretches(times, hours=[8, 12, 17], count=9000, drives=30))
    for hour in (8, 12, 17):
        np.testing.assert_allclose(learnt.profile.factors[hour, CLASSES], 1.0 / times[hour, CLASSES], rtol=0.03)
    assert learnt.left_out_count == 0
    assert (learnt.profile.factors[:, RoadClass.TRUNK] == 1.0).all()
    assert learnt.driven_s[RoadClass.TRUNK] == 0.0
    assert learnt.driven_s.sum() == pytest.approx(9000 * 3 * 22.5 * 1.25, rel=0.1)


def test_little_evidence_moves_a_factor_little() -> None:
    """One class and hour: the factor is (expected + prior) / (driven + prior), at each of the three levels."""
    count, part_s, times = 10, 30.0, 2.0
    numbers = np.arange(count)
    learnt = learn_speeds(
        DrivenStretches(
            drive=numbers,
            hour=np.full(count, 30),
            driven_s=np.full(count, part_s * times),
            turns_s=np.zeros(count),
            part_stretch=numbers,
            part_class=np.full(count, int(RoadClass.PRIMARY)),
            part_s=np.full(count, part_s),
        )
    )
    expected_s, parent = count * part_s, 1.0
    for _ in range(3):
        parent = (times * expected_s + PRIOR_DRIVE_S * parent) / (expected_s + PRIOR_DRIVE_S)
    assert learnt.profile.factors[30, RoadClass.PRIMARY] == pytest.approx(1.0 / parent)
    # An hour without evidence on a weekday is as the class is at all hours: less far from 1.
    assert 1.0 / parent < learnt.profile.factors[40, RoadClass.PRIMARY] < 1.0


@pytest.mark.parametrize(("drives", "moves"), [(LEAST_DRIVES - 1, False), (LEAST_DRIVES, True)])
def test_too_few_drives_tell_nothing_of_a_road(drives: int, moves: bool) -> None:
    """However long they are, fewer drives than the least change no factor."""
    times = np.full((HOURS_OF_WEEK, len(RoadClass)), 2.0)
    learnt = learn_speeds(random_stretches(times, hours=[8], count=3000, drives=drives))
    assert bool(learnt.profile.factors[8, RoadClass.PRIMARY] < 0.6) is moves
    assert bool((learnt.profile.factors == 1.0).all()) is not moves


def test_a_stop_is_no_slow_road() -> None:
    """A stretch of an hour for a minute's way is left out and counted."""
    plain = random_stretches(np.ones((HOURS_OF_WEEK, len(RoadClass))), hours=[8], count=300, drives=10)
    plain.driven_s[7] = 3600.0
    learnt = learn_speeds(plain)
    assert learnt.left_out_count == 1
    np.testing.assert_allclose(learnt.profile.factors, 1.0, rtol=1e-9)


def test_nothing_driven_teaches_nothing() -> None:
    """Without stretches every factor is 1."""
    none, times = np.empty(0, np.int64), np.empty(0)
    learnt = learn_speeds(DrivenStretches(none, none, times, times, none, none, times))
    assert (learnt.profile.factors == 1.0).all()


def test_impossible_observations_are_all_named() -> None:
    """An hour after the week, a time of zero, an unknown stretch and class are named together."""
    with pytest.raises(InvalidGeoInputError) as raised:
        DrivenStretches(
            drive=np.zeros(2, np.int64),
            hour=np.array([168, 0]),
            driven_s=np.array([1.0, 0.0]),
            turns_s=np.array([0.0, np.nan]),
            part_stretch=np.array([0, 2]),
            part_class=np.array([26, 0]),
            part_s=np.array([1.0, -1.0]),
        )
    fields = [violation.field for violation in raised.value.violations]
    assert fields == ["hour[0]", "driven_s[1]", "turns_s[1]", "part_stretch[1]", "part_class[0]", "part_s[1]"]
