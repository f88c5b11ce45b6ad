"""How fast roads really are by class and hour, learnt from drives.

A drive is cut into stretches of a minute or so, with a time at each end. Stretch ``s`` took ``T_s`` seconds; the
network expects ``e_p`` seconds of each edge ``p`` in it and ``k_s`` of its turns and signals. Let ``x_c`` be how many
times as long as expected the cell ``c`` (an hour and a class) takes. A stretch that leads over several classes does not
say which of them was slow; expectation maximisation for sums of Poisson variables (Shepp and Vardi 1982, "Maximum
likelihood reconstruction for emission tomography", doi 10.1109/TMI.1982.4307558) shares its time out by what is
believed so far, and asks again::

    t_p = T_s · e_p x_c(p) / (k_s + Σ_q e_q x_c(q))
    x_c = (Σ t_p + prior · x_parent) / (Σ e_p + prior)          sums over the edges p of cell c

The prior makes it the maximum a posteriori under a gamma distribution: `PRIOR_DRIVE_S` of driving at the pace of the
parent cell are added to what was observed, so little evidence moves a factor little. Cells are learnt from the coarse
to the fine, each the parent of the next: the class at all hours (its own parent is the network), the class in an hour
of the day on weekdays or at weekends, the class in an hour of the week. A cell that fewer than `LEAST_DRIVES` drives
lead over is as its parent: it tells of a driver, not of a road. The speed factor is ``1 / x``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.roads.network import RoadClass
from geo.routing.time_profiles import HOURS_OF_DAY, HOURS_OF_WEEK, TimeProfile

PRIOR_DRIVE_S = 600.0
LEAST_DRIVES = 3
MOST_TIMES_EXPECTED = 10.0
"""A stretch that took longer is a stop that was no stay, not a slow road. It is left out, as is one as much faster."""

_ROUNDS = 50
_WEEKDAYS = 5
_CLASS_COUNT = len(RoadClass)


@dataclass(frozen=True, eq=False)
class DrivenStretches:
    """``n`` stretches of drives without a stay, over ``p`` parts of edges.

    Parameters
    ----------
    drive
        ``(n,)`` number of the drive that each belongs to.
    hour
        ``(n,)`` hour of the week of each, local time.
    driven_s
        ``(n,)`` float64 seconds that each took.
    turns_s
        ``(n,)`` float64 seconds that the network expects for its turns and signals.
    part_stretch
        ``(p,)`` stretch that each part belongs to.
    part_class
        ``(p,)`` `RoadClass` of each part.
    part_s
        ``(p,)`` float64 seconds that the network expects for it.
    """

    drive: NDArray[np.int64]
    hour: NDArray[np.int64]
    driven_s: NDArray[np.float64]
    turns_s: NDArray[np.float64]
    part_stretch: NDArray[np.int64]
    part_class: NDArray[np.int64]
    part_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse impossible observations; all of them are named."""
        count = len(self.hour)
        rules = (
            ("hour", (self.hour >= 0) & (self.hour < HOURS_OF_WEEK), f"must be 0 to {HOURS_OF_WEEK - 1}"),
            ("driven_s", np.isfinite(self.driven_s) & (self.driven_s > 0), "must be positive and finite"),
            ("turns_s", np.isfinite(self.turns_s) & (self.turns_s >= 0), "must be finite and not negative"),
            ("part_stretch", (self.part_stretch >= 0) & (self.part_stretch < count), f"must be 0 to {count - 1}"),
            ("part_class", (self.part_class >= 0) & (self.part_class < _CLASS_COUNT), "must be a road class"),
            ("part_s", np.isfinite(self.part_s) & (self.part_s >= 0), "must be finite and not negative"),
        )
        wrong = [
            Violation(f"{name}[{row}]", ViolationCode.OUT_OF_RANGE, rule)
            for name, good, rule in rules
            for row in np.flatnonzero(~good)
        ]
        if wrong:
            raise InvalidGeoInputError(tuple(wrong))


@dataclass(frozen=True, eq=False)
class LearntSpeeds:
    """A profile, and the evidence behind it.

    Parameters
    ----------
    profile
        Speed factors; 1 for classes that too few drives lead over.
    driven_s
        ``(26,)`` float64 seconds of driving that each class was learnt from.
    left_out_count
        Stretches that took so long, or so short, that they were left out.
    """

    profile: TimeProfile
    driven_s: NDArray[np.float64]
    left_out_count: int


def learn_speeds(stretches: DrivenStretches) -> LearntSpeeds:
    """Learn speed factors by class and hour of the week.

    Parameters
    ----------
    stretches
        What was driven.

    Returns
    -------
    LearntSpeeds
        The profile with its evidence.
    """
    expected_s = stretches.turns_s + _sums(stretches.part_stretch, stretches.part_s, len(stretches.hour))
    slow = stretches.driven_s > MOST_TIMES_EXPECTED * expected_s
    is_good = ~slow & (stretches.driven_s * MOST_TIMES_EXPECTED >= expected_s)
    # One number per hour of the week and class: which cell of each level it belongs to.
    week = np.arange(HOURS_OF_WEEK * _CLASS_COUNT)
    hours, classes = week // _CLASS_COUNT, week % _CLASS_COUNT
    day = (hours // HOURS_OF_DAY >= _WEEKDAYS) * HOURS_OF_DAY + hours % HOURS_OF_DAY
    times = np.ones(len(week))
    for level in (classes, day * _CLASS_COUNT + classes, week):
        times = _times_expected(stretches, is_good, level, times)
    part_driven_s = _shared_out(stretches, is_good, times)[1]
    return LearntSpeeds(
        profile=TimeProfile(1.0 / times.reshape(HOURS_OF_WEEK, _CLASS_COUNT)),
        driven_s=_sums(stretches.part_class, part_driven_s, _CLASS_COUNT),
        left_out_count=int(np.count_nonzero(~is_good)),
    )


def _times_expected(
    stretches: DrivenStretches, is_good: NDArray[np.bool_], level: NDArray[np.int64], parent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Learn how many times as long as expected the cells of one level take, by hour of the week and class."""
    row = _week_rows(stretches)
    cell, count = level[row], int(level.max()) + 1
    weight_s = stretches.part_s * is_good[stretches.part_stretch]
    prior_s = PRIOR_DRIVE_S * _means(level, parent, count)
    expected_s = _sums(cell, weight_s, count) + PRIOR_DRIVE_S
    drives = np.unique(np.stack([cell, stretches.drive[stretches.part_stretch]])[:, weight_s > 0], axis=1)[0]
    is_known = (np.bincount(drives, minlength=count) >= LEAST_DRIVES)[level]
    times = parent
    for _ in range(_ROUNDS):
        _, part_driven_s = _shared_out(stretches, is_good, times)
        learnt = (_sums(cell, part_driven_s, count) + prior_s) / expected_s
        times = np.where(is_known, learnt[level], parent)
    return times


def _shared_out(
    stretches: DrivenStretches, is_good: NDArray[np.bool_], times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share the time of each stretch out among its turns and parts: seconds believed, and seconds driven, per part."""
    believed_s = stretches.part_s * times[_week_rows(stretches)]
    total_s = stretches.turns_s + _sums(stretches.part_stretch, believed_s, len(stretches.hour))
    pace = np.where(is_good, stretches.driven_s / np.where(total_s > 0, total_s, 1.0), 0.0)
    return believed_s, believed_s * pace[stretches.part_stretch]


def _week_rows(stretches: DrivenStretches) -> NDArray[np.int64]:
    """Hour of the week and class of each part, as one number."""
    rows: NDArray[np.int64] = stretches.hour[stretches.part_stretch] * _CLASS_COUNT + stretches.part_class
    return rows


def _sums(group: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def _means(group: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return _sums(group, values, count) / np.maximum(np.bincount(group, minlength=count), 1)
