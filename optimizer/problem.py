"""The planning problem: who can travel when, what is to be visited, and how long every way takes.

Places are indices into the travel matrices; this package never sees a coordinate. Times are whole seconds from an
origin that the caller chooses (usually midnight of the day); distances are whole metres. Money is in whole
*cost units*; the caller decides what a unit is worth (the service uses 1/1000 of the currency).

The objective, to be minimised, is one sum in cost units::

    Σ over used workers   fixed_cost
  + Σ over routes         cost_per_hour · route duration / 3600 s  +  cost_per_km · route distance / 1000 m
                        + Σ over soft limits   price · what lies beyond the limit
                        + overtime_cost_per_hour · what of the route lies after regular_end_s
                        + Σ over its visits    not_preferred_cost where the worker is not a preferred one
                        + Σ over its visits    cost_per_hour_early or _late · time outside of the soft windows
                        + Σ over its visits    cost_per_km_from_center · way from the middle of the worker's area
                        + Σ over its reloads   reload.cost
  + Σ over unplanned visits   unserved_cost
  + of the largest route      balance.cost · its time, distance, visits or spread

Each term of a route that is a price times a time or a distance is rounded to whole units, half up, before it is added.

A visit that is mandatory has no unserved cost: a plan may leave it out only where no insertion into any of its routes
is feasible, and then names it with the verified reason.

Where priorities are strict, plans are compared before their cost by how many visits they leave out of priority 1, then
of priority 2, and so on (`optimizer.priorities`): no number of visits further down, and no price, makes up for one.
"""

# Long because it states every rule of a problem once, and most lines are their explanation.
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

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
class DrivingRest:
    """A rest that is due by the time on the road.

    After each rest, and after the start of the route, the worker is on the road for `max_driving_s` seconds at most
    before the next one. A rest is put where it fits like a break: it interrupts travel or fills waiting, never a
    service. A break of the worker that is as long is one.

    Parameters
    ----------
    max_driving_s
        Seconds on the road, services and waiting not counted.
    duration_s
        Length of a rest in seconds.
    """

    max_driving_s: int
    duration_s: int


@dataclass(frozen=True)
class Reload:
    """Coming by a depot between two visits, to load anew or to leave what was collected.

    `Worker.capacity` then holds from one reload to the next. A worker comes by as seldom as the loads allow, between
    the visits where that takes the least time. Like a setup, a reload may be interrupted by a break.

    Parameters
    ----------
    location
        Index into the travel matrices.
    duration_s
        Seconds there.
    max_reloads
        How often at most on one route; None is no limit.
    cost
        Cost units for each.
    """

    location: int
    duration_s: int
    max_reloads: int | None = None
    cost: int = 0


@dataclass(frozen=True)
class SoftLimits:
    """Limits of a route that may be exceeded at a price; None is no limit.

    Parameters
    ----------
    max_visits, cost_per_extra_visit
        Cost units for each visit beyond the limit.
    max_distance_m, cost_per_extra_km
        Cost units per kilometre beyond the limit.
    max_duration_s, cost_per_extra_hour
        Cost units per hour of route duration beyond the limit.
    max_travel_s, cost_per_extra_travel_hour
        Cost units per hour on the road beyond the limit.
    """

    max_visits: int | None = None
    cost_per_extra_visit: int = 0
    max_distance_m: int | None = None
    cost_per_extra_km: int = 0
    max_duration_s: int | None = None
    cost_per_extra_hour: int = 0
    max_travel_s: int | None = None
    cost_per_extra_travel_hour: int = 0


@dataclass(frozen=True)
class SkillDuration:
    """How long a visit takes someone with a skill, in seconds."""

    skill: str
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
        1 (most important) to 5. Down to `Problem.lowest_strict_priority` no visit of a lower priority is worth one of
        a higher one; below it is for people only, and `unserved_cost` decides.
    load
        What the visit takes of the worker's capacity, in a unit of the caller's choice; not negative.
    skill_durations
        Service times of workers with a skill: the shortest of those that apply holds instead of `duration_s`.
    setup_s
        Seconds at the place before the service starts, such as parking and signing in; not needed where the stop
        before on the route is at the same location. A break may come in between.
    zone
        The territory it lies in; None is none, where everyone may go.
    allowed_workers
        Who may serve it, as indices into `Problem.workers`; None is anyone.
    soft_windows
        When the service should start: inside any one of them. Empty: whenever.
    cost_per_hour_early, cost_per_hour_late
        Cost units per hour by which the service starts before a soft window, or after one: of all soft windows the
        one counts for which that is cheapest.
    preferred_workers, not_preferred_cost
        Whom the customer prefers, as indices into `Problem.workers`, and what it costs to send someone else. Empty:
        no preference.
    """

    id: str
    location: int
    duration_s: int
    time_windows: tuple[TimeWindow, ...] = ()
    required_skills: frozenset[str] = frozenset()
    unserved_cost: int | None = None
    priority: int = 3
    load: int = 0
    skill_durations: tuple[SkillDuration, ...] = ()
    setup_s: int = 0
    zone: str | None = None
    allowed_workers: frozenset[int] | None = None
    preferred_workers: frozenset[int] = frozenset()
    not_preferred_cost: int = 0
    soft_windows: tuple[TimeWindow, ...] = ()
    cost_per_hour_early: int = 0
    cost_per_hour_late: int = 0


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
    max_visits, max_distance_m, max_duration_s, max_travel_s
        Limits of the route; None is no limit. Duration is from leaving the start to reaching the end, travel is what
        of it is spent on the road.
    capacity
        Limit of what is on board at any time: the sum of `Visit.load` of the route, or from reload to reload, and the
        load of each delivery between its visits, reloads or not; None is no limit.
    breaks
        Breaks to take, one after the other: neither the earliest nor the latest start of a break lies before the
        one before it is over, if that starts at its own earliest or latest.
    fixed_cost, cost_per_hour, cost_per_km
        Cost units: once if the route has a visit, per hour of route duration, per kilometre.
    travel_percent, service_percent
        Travel and service times of this worker in hundredths of those of the matrix and the visits, each rounded up
        to whole seconds.
    zones
        The territories this worker serves; empty is all of them.
    soft_limits
        Limits that may be exceeded at a price.
    regular_end_s, overtime_cost_per_hour
        Cost units per hour by which the route ends after this moment; None is no overtime.
    shift_of
        Index of the worker before this one in `Problem.workers` who is the same person in another shift; None where
        there is none. Each shift has a route of its own, with its own limits, breaks and costs; the shifts of one
        person do not overlap.
    driving_rest
        A rest due by the time on the road; None is none.
    area_center, cost_per_km_from_center
        Location in the middle of the worker's area, and cost units for each kilometre that a visit lies from there:
        what keeps areas compact. A visit without a way from there costs nothing of it.
    reload
        Where and how often the worker may load anew; None is nowhere.
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
    max_travel_s: int | None = None
    travel_percent: int = 100
    service_percent: int = 100
    zones: frozenset[str] = frozenset()
    soft_limits: SoftLimits = SoftLimits()
    regular_end_s: int | None = None
    overtime_cost_per_hour: int = 0
    shift_of: int | None = None
    driving_rest: DrivingRest | None = None
    area_center: int | None = None
    cost_per_km_from_center: int = 0
    reload: Reload | None = None


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


@dataclass(frozen=True)
class VisitSequence:
    """Visits that keep an order: those of them that are planned lie on one route, each after those named before it.

    Parameters
    ----------
    visits
        Indices into `Problem.visits`, at least two.
    is_direct
        Whether neighbours in the sequence, where both are planned, also follow each other directly.
    """

    visits: tuple[int, ...]
    is_direct: bool = False


@dataclass(frozen=True)
class Delivery:
    """Something that is picked up at one visit and brought to another.

    Both visits are on one route, the pickup first, or neither is planned.

    Parameters
    ----------
    pickup, delivery
        Indices into `Problem.visits`; each visit belongs to one delivery at most.
    load
        What is on board between them, in the unit of `Worker.capacity`; not negative.
    """

    pickup: int
    delivery: int
    load: int = 0


@dataclass(frozen=True)
class Precedence:
    """A visit that waits for another one, whoever serves them.

    Where both are planned, the service of the second starts when that of the first is over, or later.

    Parameters
    ----------
    before, after
        Indices into `Problem.visits`; no visit waits for itself, not even through others.
    min_gap_s
        Seconds at least between the end of the one and the start of the other; not negative.
    """

    before: int
    after: int
    min_gap_s: int = 0


class BalanceMeasure(Enum):
    """What of a route is kept even; the values are stable names for machines."""

    TIME = "time"
    """From leaving the start to reaching the end."""
    VISITS = "visits"
    DISTANCE = "distance"
    SPREAD = "spread"
    """The longer of the two ways between those two visits of the route that lie farthest apart."""


@dataclass(frozen=True)
class Balance:
    """A price of the largest route of the plan, which makes the routes even, or compact where the spread counts.

    Parameters
    ----------
    measure
        What counts.
    cost
        Cost units per hour, per kilometre or per visit of the largest route.
    """

    measure: BalanceMeasure
    cost: int


@dataclass(frozen=True, eq=False)
class Problem:
    """One day and team to be planned.

    Parameters
    ----------
    workers, visits
        Who travels and what is asked for.
    matrices
        One per way of travelling, all over the same locations.
    same_worker_groups
        Sets of visits, as indices: those of a set that are planned are with one person, in whichever shift.
    separate_groups
        Sets of visits, as indices, of which no two lie on one route.
    different_worker_groups
        Sets of visits, as indices, of which no two are with one person, in whichever shifts.
    sequences
        Orders to keep.
    deliveries
        What is brought from one visit to another.
    precedences
        Which visits wait for which, also on other routes.
    balance
        What the largest route costs; None is nothing.
    lowest_strict_priority
        Optional visits of priorities from 1 to this one are served before anything is weighed against cost, each
        priority before the next; 0: `unserved_cost` alone decides.
    cost_units_per_money
        How many cost units make one unit of the caller's money; only sentences for people use it.
    """

    workers: tuple[Worker, ...]
    visits: tuple[Visit, ...]
    matrices: tuple[TravelMatrix, ...]
    same_worker_groups: tuple[frozenset[int], ...] = ()
    separate_groups: tuple[frozenset[int], ...] = ()
    sequences: tuple[VisitSequence, ...] = ()
    cost_units_per_money: int = 1
    deliveries: tuple[Delivery, ...] = ()
    precedences: tuple[Precedence, ...] = ()
    balance: Balance | None = None
    lowest_strict_priority: int = 0
    different_worker_groups: tuple[frozenset[int], ...] = ()
