"""The plan: each worker's route, and what could not be planned with a verified reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Stop:
    """One visit on a route.

    Parameters
    ----------
    visit
        Index into `Problem.visits`.
    arrival_s, start_s, departure_s
        Reaching the place, start and end of the service, seconds from the origin;
        ``waiting = start_s - arrival_s`` less any break in between.
    travel_s, distance_m
        The leg that leads here, by way of the depot where the worker reloads before the stop; 0 for the first stop of a
        route with an open start.
    """

    visit: int
    arrival_s: int
    start_s: int
    departure_s: int
    travel_s: int
    distance_m: int


@dataclass(frozen=True)
class PlannedBreak:
    """A break on a route: index into `Worker.breaks`, None for a rest of `Worker.driving_rest`, and start and end."""

    number: int | None
    start_s: int
    end_s: int


@dataclass(frozen=True)
class PlannedReload:
    """A reload on the way to a stop.

    Parameters
    ----------
    before_stop
        Place of that stop on the route, not the first.
    arrival_s, departure_s
        Reaching and leaving the depot, seconds from the origin; breaks, rests and waiting may lie in between.
    travel_s, distance_m
        The part of the leg that leads to the depot.
    """

    before_stop: int
    arrival_s: int
    departure_s: int
    travel_s: int
    distance_m: int


@dataclass(frozen=True)
class Route:
    """One worker's day.

    Parameters
    ----------
    worker
        Index into `Problem.workers`.
    start_s, end_s
        Leaving the start and reaching the end, seconds from the origin; equal where there are no stops.
    stops
        In order; empty where the worker is not used.
    breaks
        In order of time.
    last_travel_s, last_distance_m
        The leg from the last stop to the end; 0 with an open end.
    cost
        Cost units of this route.
    reloads
        In order of time.
    """

    worker: int
    start_s: int
    end_s: int
    stops: tuple[Stop, ...]
    breaks: tuple[PlannedBreak, ...]
    last_travel_s: int
    last_distance_m: int
    cost: int
    reloads: tuple[PlannedReload, ...] = ()


class UnplannedReason(Enum):
    """Why a visit is not planned. Each is verified by computation, never guessed."""

    NO_WORKER_WITH_SKILLS = "no_worker_with_skills"
    NO_ALLOWED_WORKER = "no_allowed_worker"
    """No worker with the skills is allowed at the customer, or in its zone."""
    UNREACHABLE = "unreachable"
    """No worker who may serve it has a way there and back."""
    OUTSIDE_WORKING_TIME = "outside_working_time"
    """Alone on the route of any worker who could, it fits no time window inside the shift, limits or breaks."""
    IMPOSSIBLE_WITH_PINS = "impossible_with_pins"
    """It would fit alone, but on no route beside the mandatory visits that only that worker may serve."""
    DISPLACED = "displaced"
    """It would fit alone, but in this plan no insertion into any route is feasible."""
    NOT_WORTH_ITS_COST = "not_worth_its_cost"
    """It would fit, but the cheapest insertion costs more than leaving it out."""


@dataclass(frozen=True)
class UnplannedVisit:
    """A visit that the plan leaves out: index into `Problem.visits`, verified reason, and the sentence for people."""

    visit: int
    reason: UnplannedReason
    explanation: str


@dataclass(frozen=True)
class TradeOffPoint:
    """A plan that was weighed: amount of its largest route (seconds, metres or visits), and its cost without that."""

    largest: int
    cost: int


class Confirmation(Enum):
    """Whether a second engine holds every route to be possible; the independent checker judges in any case."""

    NOT_ASKED = "not_asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """OR-Tools refuses a route that the checker accepts: one of the two statements of the rules is wrong."""


@dataclass(frozen=True)
class Plan:
    """All routes of one day and team.

    Parameters
    ----------
    routes
        One per worker, in the order of `Problem.workers`.
    unplanned
        Visits left out, ascending.
    cost
        The objective in cost units (see `optimizer.problem`).
    engine
        Name of the engine that found it.
    confirmation
        What a second engine says of it.
    beyond_search
        Fields of the problem whose rules the search does not know: they are kept, but were searched less well.
    lower_bound
        Cost units below which no plan can cost that serves the mandatory visits that this one serves; None where it was
        not computed.
    trade_off
        For a problem with a balance: plans that were found, from the cheapest to the most even, or compact, one.
    """

    routes: tuple[Route, ...]
    unplanned: tuple[UnplannedVisit, ...]
    cost: int
    engine: str
    confirmation: Confirmation = Confirmation.NOT_ASKED
    beyond_search: tuple[str, ...] = ()
    lower_bound: int | None = None
    trade_off: tuple[TradeOffPoint, ...] = ()
