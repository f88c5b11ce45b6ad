"""The finished plan of one day and team, with places, wall-clock times and the geometry of every leg.

The names are those of `odograph.v1.Plan`. Positions are WGS-84, times are Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from optimizer.plan import Confirmation, UnplannedReason
from server.use_cases.notices import Notice
from server.use_cases.planning_request import Place, TimeSpan


class PlanState(Enum):
    """Whether people have decided on the plan."""

    DRAFT = "draft"
    PUBLISHED = "published"


class StopReason(Enum):
    """Why the search ended."""

    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    EXHAUSTED = "exhausted"
    NOT_SEARCHED = "not_searched"


@dataclass(frozen=True)
class DayStop:
    """One visit on a route: id and label of the visit, where it is, and when (Unix seconds).

    `time_window` is the window that the plan uses; None where the visit has none. `slack_s` is how much later the
    service could start without any rule of the route being broken; None on a route that breaks one as it is. Between
    arrival and start lie `setup_s` of setting up, `waiting_s` of waiting, and the breaks that are taken there.
    """

    visit_id: str
    visit_label: str
    position: Place
    arrival_s: int
    start_s: int
    departure_s: int
    time_window: TimeSpan | None
    slack_s: int | None = None
    setup_s: int = 0
    waiting_s: int = 0


@dataclass(frozen=True, eq=False)
class DayLeg:
    """The way between two stops, or between the start or the end of a route and a stop.

    Parameters
    ----------
    from_stop, to_stop
        Indices of the stops; None is the start, respectively the end, of the route.
    duration_s, distance_m
        Travel time in seconds and length in metres.
    latitude_degrees, longitude_degrees
        ``(p,)`` float64 geometry along the roads.
    """

    from_stop: int | None
    to_stop: int | None
    duration_s: int
    distance_m: float
    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]


@dataclass(frozen=True)
class DayBreak:
    """A break on a route: Unix seconds of its start, its length in seconds, when it may start, and if it is a rest."""

    start_s: int
    duration_s: int
    start_window: TimeSpan
    is_rest: bool = False


@dataclass(frozen=True)
class DayReload:
    """A reload on the way to a stop (its index): the depot, Unix seconds of reaching and leaving it, its length."""

    before_stop: int
    position: Place
    arrival_s: int
    departure_s: int
    duration_s: int


@dataclass(frozen=True, eq=False)
class DayRoute:
    """One worker's shift.

    Parameters
    ----------
    worker_id, worker_label
        Whose day this is.
    road_network, network_fingerprint
        What it was planned on.
    shift
        Working hours.
    start_s, end_s
        Leaving the start and reaching the end; None where there are no stops.
    stops, legs, breaks
        In order of time.
    cost
        Money.
    start_position, end_position
        Where it starts and ends; None is open.
    shift_number
        Which shift of the worker, from 0.
    reloads
        In order of time.
    """

    worker_id: str
    worker_label: str
    road_network: str
    network_fingerprint: str
    shift: TimeSpan
    start_s: int | None
    end_s: int | None
    stops: tuple[DayStop, ...]
    legs: tuple[DayLeg, ...]
    breaks: tuple[DayBreak, ...]
    cost: float
    start_position: Place | None
    end_position: Place | None
    shift_number: int = 0
    reloads: tuple[DayReload, ...] = ()

    @property
    def distance_m(self) -> float:
        """Metres of all legs."""
        return sum(leg.distance_m for leg in self.legs)

    @property
    def travel_s(self) -> int:
        """Seconds of all legs."""
        return sum(leg.duration_s for leg in self.legs)

    @property
    def service_s(self) -> int:
        """Seconds at customers."""
        return sum(stop.departure_s - stop.start_s for stop in self.stops)

    @property
    def setup_s(self) -> int:
        """Seconds of setting up at customers."""
        return sum(stop.setup_s for stop in self.stops)

    @property
    def break_s(self) -> int:
        """Seconds in breaks."""
        return sum(pause.duration_s for pause in self.breaks)

    @property
    def reload_s(self) -> int:
        """Seconds of loading at depots."""
        return sum(reload.duration_s for reload in self.reloads)

    @property
    def duration_s(self) -> int:
        """Seconds from leaving the start to reaching the end; 0 without stops."""
        return 0 if self.start_s is None or self.end_s is None else self.end_s - self.start_s

    @property
    def waiting_s(self) -> int:
        """Seconds of neither travel, setup, service, break nor reload."""
        return self.duration_s - self.travel_s - self.setup_s - self.service_s - self.break_s - self.reload_s


@dataclass(frozen=True)
class DayUnplanned:
    """A visit that the plan leaves out, the verified reason, and the sentence for people."""

    visit_id: str
    visit_label: str
    reason: UnplannedReason
    explanation: str


@dataclass(frozen=True)
class CostPart:
    """The field of the problem that causes a part of the cost, and that part in money."""

    field: str
    cost: float


@dataclass(frozen=True)
class TradeOff:
    """A plan that was weighed: amount of its largest route (hours, visits, km), and its money without the balance."""

    largest_route: float
    cost: float


@dataclass(frozen=True, eq=False)
class DayPlan:
    """All routes of one day and team.

    Parameters
    ----------
    id
        Unique on this service.
    label
        The caller's label.
    state
        Whether people have decided on it.
    create_ms
        Unix milliseconds.
    day
        Calendar date (ISO 8601) of the earliest shift start in `time_zone`.
    time_zone
        IANA name of the time zone in which people read the plan.
    routes
        One per worker and shift, in the order of the request.
    unplanned
        Visits that the plan leaves out.
    cost
        Money: the routes and the unserved visits.
    engine, search_s, stop_reason
        What found it, after how many seconds, and why it stopped.
    notices
        What the caller should look at.
    confirmation
        What a second engine says of it.
    cost_parts
        What causes the cost, the dearest first.
    cost_lower_bound
        Money below which no plan can cost; None where it was not computed.
    trade_off
        Between evenness and cost, from the cheapest plan to the most even one.
    """

    id: str
    label: str
    state: PlanState
    create_ms: int
    day: str
    time_zone: str
    routes: tuple[DayRoute, ...]
    unplanned: tuple[DayUnplanned, ...]
    cost: float
    engine: str
    search_s: float
    stop_reason: StopReason
    notices: tuple[Notice, ...]
    confirmation: Confirmation = Confirmation.NOT_ASKED
    cost_parts: tuple[CostPart, ...] = ()
    cost_lower_bound: float | None = None
    trade_off: tuple[TradeOff, ...] = ()

    @property
    def stop_count(self) -> int:
        """Number of planned visits."""
        return sum(len(route.stops) for route in self.routes)
