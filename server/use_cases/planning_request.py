"""What a caller asks to be planned: one day and team, with places and wall-clock times.

The names are those of `odograph.v1.Problem`, so that the path of a broken rule means the same to every caller. Times
are Unix seconds. Nothing is checked here: `server.use_cases.check_planning_request` does, and lists every broken rule.
"""

# Long because it names every field of a problem once.
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from geo.coordinates import CoordinateSystem
from optimizer.options import Engine
from optimizer.problem import BalanceMeasure
from server.use_cases.departure import Departure

DEFAULT_COST_PER_HOUR = 60.0
DEFAULT_COST_PER_KILOMETER = 1.0
DEFAULT_SNAP_DISTANCE_M = 1000.0


@dataclass(frozen=True)
class Place:
    """A position in degrees, in the coordinate system that its request declares."""

    latitude_degrees: float
    longitude_degrees: float


@dataclass(frozen=True)
class TimeSpan:
    """Unix seconds, both ends included."""

    start_s: int
    end_s: int


@dataclass(frozen=True)
class BreakRequest:
    """A break that the worker takes once; Unix seconds, and its length in seconds."""

    earliest_start_s: int
    latest_start_s: int
    duration_s: int


@dataclass(frozen=True)
class DrivingRestRequest:
    """A rest, its length in seconds, that is due after so many seconds on the road."""

    max_driving_s: int
    duration_s: int


@dataclass(frozen=True)
class ReloadRequest:
    """Where a worker loads anew (None: where the route starts), seconds, how often (None is ever), money for each."""

    position: Place | None = None
    duration_s: int = 0
    max_reloads: int | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class SkillLevelRequest:
    """A skill at a level, at least 1."""

    skill: str
    level: int


@dataclass(frozen=True)
class SkillDurationRequest:
    """How long a visit takes someone with a skill, in seconds."""

    skill: str
    duration_s: int


@dataclass(frozen=True)
class SoftLimitsRequest:
    """Limits of a route that may be exceeded at a price: the limits (None is none), and money per unit beyond them."""

    max_visits: int | None = None
    cost_per_extra_visit: float = 0.0
    max_distance_m: float | None = None
    cost_per_extra_kilometer: float = 0.0
    max_duration_s: int | None = None
    cost_per_extra_hour: float = 0.0
    max_travel_s: int | None = None
    cost_per_extra_travel_hour: float = 0.0


class PinEvent(Enum):
    """What has happened already: the worker is at the visit, or on the way there. The route begins with it."""

    ARRIVED = "arrived"
    UNDER_WAY = "under_way"


@dataclass(frozen=True)
class PinRequest:
    """Who serves a visit, when exactly its service starts (Unix seconds; None is any time), and what has happened."""

    worker_id: str
    start_s: int | None = None
    event: PinEvent | None = None


@dataclass(frozen=True)
class SequenceRequest:
    """Ids of visits that keep an order, and whether they follow each other directly."""

    visit_ids: tuple[str, ...]
    is_direct: bool = False


@dataclass(frozen=True)
class FurtherShiftRequest:
    """One more shift of a worker: its hours, its breaks, and when overtime begins in it (None is never)."""

    window: TimeSpan
    breaks: tuple[BreakRequest, ...] = ()
    regular_end_s: int | None = None


@dataclass(frozen=True)
class WorkerRequest:
    """Someone who travels.

    Parameters
    ----------
    id
        The caller's id, unique in the request.
    shift
        Working hours; the route lies inside.
    label
        Name for people.
    road_network
        Id of the network that the worker travels on; empty: that of the request.
    start_position, end_position
        Where the route starts and ends; None is open.
    skills
        What the worker can do.
    max_visits, max_distance_m, max_duration_s, capacity
        Limits of the route; None is no limit.
    breaks
        Breaks to take, in order of time.
    fixed_cost, cost_per_hour, cost_per_kilometer
        Money: once if the route has a visit, per hour and per kilometre of the route.
    skill_levels
        Levels of skills; each counts as having the skill, too.
    travel_factor, service_factor
        Travel and service times in those of the network and of the visits.
    zones
        Zones that the worker serves; empty is all.
    max_travel_s
        Limit of the time on the road; None is no limit.
    soft_limits
        Limits that may be exceeded at a price.
    regular_end_s, overtime_cost_per_hour
        When overtime begins (Unix seconds; None is never), and money per hour of it.
    further_shifts
        More shifts, each with a route of its own.
    driving_rest
        A rest due by the time on the road; None is none.
    area_center_position, cost_per_kilometer_from_center
        The middle of the worker's area, and money for each kilometre that a visit lies from there.
    reload
        Where and how often the worker may load anew between visits; None is nowhere.
    """

    id: str
    shift: TimeSpan
    label: str = ""
    road_network: str = ""
    start_position: Place | None = None
    end_position: Place | None = None
    skills: tuple[str, ...] = ()
    max_visits: int | None = None
    max_distance_m: float | None = None
    max_duration_s: int | None = None
    capacity: int | None = None
    breaks: tuple[BreakRequest, ...] = ()
    fixed_cost: float = 0.0
    cost_per_hour: float = DEFAULT_COST_PER_HOUR
    cost_per_kilometer: float = DEFAULT_COST_PER_KILOMETER
    skill_levels: tuple[SkillLevelRequest, ...] = ()
    travel_factor: float = 1.0
    service_factor: float = 1.0
    zones: tuple[str, ...] = ()
    max_travel_s: int | None = None
    soft_limits: SoftLimitsRequest = SoftLimitsRequest()
    regular_end_s: int | None = None
    overtime_cost_per_hour: float = 0.0
    further_shifts: tuple[FurtherShiftRequest, ...] = ()
    driving_rest: DrivingRestRequest | None = None
    area_center_position: Place | None = None
    cost_per_kilometer_from_center: float = 0.0
    reload: ReloadRequest | None = None


@dataclass(frozen=True)
class VisitRequest:
    """A customer stop that is asked for.

    Parameters
    ----------
    id
        The caller's id, unique in the request.
    position
        Where the customer is; None is reported as missing.
    label
        Name for people.
    duration_s
        Service time in seconds.
    time_windows
        When the service may start: inside any one of them. Empty: at any time.
    required_skills
        The worker needs all of them.
    unserved_cost
        Money that leaving the visit out costs; None makes it mandatory.
    priority
        1 (most important) to 5; strict down to `PlanningRequest.lowest_strict_priority`, below it for people.
    load
        What the visit takes of the worker's capacity.
    required_skill_levels, skill_durations
        Levels that the worker needs at least, and service times of workers with a skill.
    setup_s
        Seconds at the place before the service, not needed where the stop before is at the same place.
    zone
        The zone that it lies in; empty is none.
    allowed_worker_ids, forbidden_worker_ids
        Who may serve it (empty is everyone), and who may not.
    preferred_worker_ids, not_preferred_cost
        Whom the customer prefers, and money for sending someone else.
    pin
        Where people have put it; None is nowhere.
    soft_time_windows, cost_per_hour_early, cost_per_hour_late
        When the service should start, and money per hour by which it starts before or after that.
    """

    id: str
    position: Place | None
    label: str = ""
    duration_s: int = 0
    time_windows: tuple[TimeSpan, ...] = ()
    required_skills: tuple[str, ...] = ()
    unserved_cost: float | None = None
    priority: int = 3
    load: int = 0
    required_skill_levels: tuple[SkillLevelRequest, ...] = ()
    skill_durations: tuple[SkillDurationRequest, ...] = ()
    setup_s: int = 0
    zone: str = ""
    allowed_worker_ids: tuple[str, ...] = ()
    forbidden_worker_ids: tuple[str, ...] = ()
    preferred_worker_ids: tuple[str, ...] = ()
    not_preferred_cost: float = 0.0
    pin: PinRequest | None = None
    soft_time_windows: tuple[TimeSpan, ...] = ()
    cost_per_hour_early: float = 0.0
    cost_per_hour_late: float = 0.0


@dataclass(frozen=True)
class DeliveryRequest:
    """Ids of the visit where something is picked up and of the one that it is brought to, and its load."""

    pickup_visit_id: str
    delivery_visit_id: str
    load: int = 0


@dataclass(frozen=True)
class PrecedenceRequest:
    """Ids of the visit that is over first and of the one that waits, and the seconds at least between them."""

    before_visit_id: str
    after_visit_id: str
    min_gap_s: int = 0


@dataclass(frozen=True)
class BalanceRequest:
    """What of a route is kept even (None is reported as missing), and money per hour, visit or km of the largest."""

    measure: BalanceMeasure | None
    cost: float = 0.0


@dataclass(frozen=True)
class PlaceOfProblem:
    """A visit, or a worker's start or end; ids are empty where they are not given."""

    visit_id: str = ""
    worker_id: str = ""


@dataclass(frozen=True)
class KnownTravel:
    """What the caller knows of the way between two places.

    Parameters
    ----------
    origin, destination
        A worker stands for the start of the route in the one, for its end in the other.
    duration_s, distance_m
        How long and how far it is; None where the request does not say.
    is_unreachable
        Whether it says that there is no way.
    """

    origin: PlaceOfProblem
    destination: PlaceOfProblem
    duration_s: int | None = None
    distance_m: float | None = None
    is_unreachable: bool = False


@dataclass(frozen=True)
class PlanningRequest:
    """One day and team to be planned.

    Parameters
    ----------
    workers, visits
        Who travels and what is asked for.
    coordinate_system
        What every position of the request refers to; None is reported as missing.
    road_network
        Id of the network of every worker that names no other.
    time_zone
        IANA name of the time zone in which people read the plan.
    label
        The caller's label, echoed in the plan.
    max_snap_distance_m
        How far a road may lie from a place.
    same_worker_groups, different_worker_groups, separate_groups
        Ids of visits that stay with one worker, of which no two are with one worker, and of which no two lie on one
        route.
    sequences
        Orders to keep.
    known_travels
        What the caller knows better than the road networks.
    departure
        The moment at whose roads and speeds all ways are taken; None: what holds at certain times only does not.
    deliveries
        What is brought from one visit to another.
    precedences
        Which visits wait for which.
    balance
        What the largest route costs; None is nothing.
    lowest_strict_priority
        Visits of priorities from 1 to this one are served before anything is weighed against cost; 0 is none.
    not_before_s
        No service starts before, but those pinned to a time or by an event (Unix seconds); None is no limit.
    """

    workers: tuple[WorkerRequest, ...]
    visits: tuple[VisitRequest, ...]
    coordinate_system: CoordinateSystem | None
    road_network: str = ""
    time_zone: str = "UTC"
    label: str = ""
    max_snap_distance_m: float = DEFAULT_SNAP_DISTANCE_M
    same_worker_groups: tuple[tuple[str, ...], ...] = ()
    different_worker_groups: tuple[tuple[str, ...], ...] = ()
    separate_groups: tuple[tuple[str, ...], ...] = ()
    sequences: tuple[SequenceRequest, ...] = ()
    known_travels: tuple[KnownTravel, ...] = ()
    departure: Departure | None = None
    deliveries: tuple[DeliveryRequest, ...] = ()
    precedences: tuple[PrecedenceRequest, ...] = ()
    balance: BalanceRequest | None = None
    lowest_strict_priority: int = 0
    not_before_s: int | None = None


@dataclass(frozen=True)
class SearchOptions:
    """How long is searched.

    Parameters
    ----------
    time_limit_s
        Wall seconds for the search; cut to `Settings.max_time_limit_s`.
    seed
        Makes the randomised parts of the search repeatable; not negative.
    engine
        Who searches.
    work_limit
        Iterations after which the search ends, or None: what makes a plan repeatable.
    threads
        How many searches run side by side, from 1 to `MOST_THREADS`; each keeps a core busy.
    """

    time_limit_s: float = 10.0
    seed: int = 0
    engine: Engine = Engine.HYBRID
    work_limit: int | None = None
    threads: int = 1
