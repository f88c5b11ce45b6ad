"""The planning problem: who can travel when, what is to be visited, and how long every way takes.

Places are indices into the travel matrices; this package never sees a coordinate. Times are whole seconds from an
origin that the caller chooses (usually midnight of the day); distances are whole metres. Money is in whole
*cost units*; the caller decides what a unit is worth (the service uses 1/1000 of the currency).

The objective, to be minimised, is one sum in cost units::

    Σ over used workers   fixed_cost
  + Σ over routes         cost_per_hour · route duration / 3600 s  +  cost_per_km · route distance / 1000 m
  + Σ over unplanned visits   unserved_cost

The time term and the distance term of each route are rounded to whole units, half up, before they are added.

A visit that is mandatory has no unserved cost: a plan may leave it out only where no insertion into any of its routes
is feasible, and then names it with the verified reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TimeWindow:
    """Seconds from the origin between which a service may start, both included."""

    start_s: int
    end_s: int


@dataclass(frozen=True)
class Break:
    """A break that a worker takes once in the day.

    On the route it does not overlap a visit and may interrupt travel or fill waiting. It need not lie on the route
    where it can be taken before (the route starts at ``earliest_start_s + duration_s`` or later) or after
    (the route ends at `latest_start_s` or earlier).

    Parameters
    ----------
    earliest_start_s, latest_start_s
        When the break may start, seconds from the origin.
    duration_s
        Its length in seconds.
    """

    earliest_start_s: int
    latest_start_s: int
    duration_s: int


@dataclass(frozen=True)
class Visit:
    """A customer stop that is asked for.

    Parameters
    ----------
    id
        The caller's id, unique in the problem.
    location
        Index into the travel matrices.
    duration_s
        Service time in seconds.
    time_windows
        When the service may start: any one of them. Empty: at any time.
    required_skills
        A worker needs all of them.
    unserved_cost
        Cost units when the visit is not planned; None makes it mandatory.
    priority
        1 (most important) to 5, for people and for explanations; the objective knows only `unserved_cost`.
    load
        What the visit takes of the worker's capacity, in a unit of the caller's choice; not negative.
    """

    id: str
    location: int
    duration_s: int
    time_windows: tuple[TimeWindow, ...] = ()
    required_skills: frozenset[str] = frozenset()
    unserved_cost: int | None = None
    priority: int = 3
    load: int = 0


@dataclass(frozen=True)
class Worker:
    """Someone who travels.

    Parameters
    ----------
    id
        The caller's id, unique in the problem.
    matrix
        Index into `Problem.matrices`: the way this worker travels.
    shift_start_s, shift_end_s
        The route lies inside, seconds from the origin.
    start_location, end_location
        Indices into the travel matrix; None is open: the route starts at its first visit, ends at its last.
    skills
        What the worker can do.
    max_visits, max_distance_m, max_duration_s
        Limits of the route; None is no limit. Duration is from leaving the start to reaching the end.
    capacity
        Limit of the sum of `Visit.load` on the route; None is no limit.
    breaks
        Breaks to take, one after the other: neither the earliest nor the latest start of a break lies before the
        one before it is over, if that starts at its own earliest or latest.
    fixed_cost, cost_per_hour, cost_per_km
        Cost units: once if the route has a visit, per hour of route duration, per kilometre.
    """

    id: str
    matrix: int
    shift_start_s: int
    shift_end_s: int
    start_location: int | None
    end_location: int | None
    skills: frozenset[str] = frozenset()
    max_visits: int | None = None
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    capacity: int | None = None
    breaks: tuple[Break, ...] = ()
    fixed_cost: int = 0
    cost_per_hour: int = 0
    cost_per_km: int = 0


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """How long and how far every way is, for one way of travelling.

    Parameters
    ----------
    duration_s
        ``(n, n)`` int64 seconds; undefined where not reachable.
    distance_m
        ``(n, n)`` int64 metres; undefined where not reachable.
    reachable
        ``(n, n)`` bool: whether there is a way at all. Never expressed by a large number.
    """

    duration_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Problem:
    """One day and team to be planned.

    Parameters
    ----------
    workers, visits
        Who travels and what is asked for.
    matrices
        One per way of travelling, all over the same locations.
    cost_units_per_money
        How many cost units make one unit of the caller's money; only sentences for people use it.
    """

    workers: tuple[Worker, ...]
    visits: tuple[Visit, ...]
    matrices: tuple[TravelMatrix, ...]
    cost_units_per_money: int = 1
