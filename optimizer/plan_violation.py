"""The rules that a plan can break, and what is said of one that is broken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class PlanRule(Enum):
    """The rules that a plan can break; the values are stable names for machines."""

    SHAPE = "shape"
    """One route per worker, in order; indices in range."""
    EACH_VISIT_ONCE = "each_visit_once"
    SKILLS = "skills"
    ALLOWED_WORKER = "allowed_worker"
    ZONE = "zone"
    SAME_WORKER = "same_worker"
    DIFFERENT_WORKER = "different_worker"
    SEPARATE = "separate"
    SEQUENCE = "sequence"
    PRECEDENCE = "precedence"
    """A service starts before the one that it waits for is over."""
    DELIVERY = "delivery"
    """A delivery without its pickup before it on the route, or one of the two without the other."""
    REACHABLE = "reachable"
    TRAVEL = "travel"
    """Times and distances of legs are those of the matrix, and arrival follows from them."""
    SERVICE = "service"
    TIME_WINDOW = "time_window"
    SHIFT = "shift"
    BREAK = "break"
    MAX_VISITS = "max_visits"
    CAPACITY = "capacity"
    RELOAD = "reload"
    """A reload that the worker may not make, or not so often."""
    MAX_DISTANCE = "max_distance"
    MAX_DURATION = "max_duration"
    MAX_TRAVEL = "max_travel"
    DRIVING_REST = "driving_rest"
    """On the road for longer than allowed without a rest."""
    MANDATORY = "mandatory"
    """A mandatory visit is left out that fits, or would in the place of others."""
    PRIORITY = "priority"
    """A visit of a strict priority is left out that fits, or would in the place of visits of lower ones."""
    COST = "cost"


@dataclass(frozen=True)
class PlanViolation:
    """One broken rule of a plan.

    Parameters
    ----------
    field
        Path into the plan, for example ``routes[2].stops[0].start_s``.
    rule
        The rule.
    description
        What is wrong, in one sentence.
    worker, visit
        Indices into the problem, where the rule is about one.
    """

    field: str
    rule: PlanRule
    description: str
    worker: int | None = None
    visit: int | None = None
