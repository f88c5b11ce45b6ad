"""Decides how visits of different workers wait for each other: one service begins after another is over.

A precedence ties two routes together. It is cut in two by a moment: until then the one service is over, and from a gap
after it on the other may begin. Both halves are time windows, so everything that looks at one route at a time stays as
it is, and whatever keeps the windows keeps the precedence. Which moments are good is learnt from plan to plan: each
round of a solve cuts where the plan before leaves room on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from optimizer.answers.explain import explain_unplanned
from optimizer.insertion.insertion import Orders, insert_what_pays
from optimizer.options import SolveOptions
from optimizer.plan import Plan, Route, UnplannedReason, UnplannedVisit
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.priorities import level_of, rank_of_plan
from optimizer.problem import Precedence, Problem, TimeWindow, Visit
from optimizer.problem_arrays import ProblemArrays, arrays_of_problem, service_duration_s
from optimizer.rounds.earliest_services import Times, earliest_services
from optimizer.rounds.shares import Shares
from optimizer.rounds.shifting import insert_where_others_shift
from optimizer.routes.schedule import schedule_route

ROUNDS: Final = 3
FIELD: Final = "precedences"
_EVER_S: Final = 366 * 86_400
_NEVER = TimeWindow(-_EVER_S, -_EVER_S)


def solve_in_rounds(
    problem: Problem,
    options: SolveOptions,
    solve_round: Callable[[Problem, SolveOptions], Plan],
    should_stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Solve a problem with precedences: cut them, solve, and cut them better.

    Parameters
    ----------
    problem
        A valid problem.
    options
        How long and how; each round gets its share.
    solve_round
        Solves a problem without precedences.
    should_stop
        Once it says yes, there is no further round, and visits are no longer tried with others put off.

    Returns
    -------
    Plan
        The best of all rounds, with reasons that hold beside the visits it has.
    """
    shares = Shares(options, ROUNDS)
    moments = _first_moments(problem)
    best: Plan | None = None
    for _ in range(ROUNDS):
        plan = solve_round(_cut(problem, moments, {}), shares.next())
        if best is None or rank_of_plan(problem, plan) < rank_of_plan(problem, best):
            best = plan
        if should_stop():
            break
        moments = _moments_of_plan(problem, best)
    assert best is not None  # noqa: S101 - there is at least one round
    return _finished(problem, best, should_stop)


def settled_by_orders(problem: Problem, orders: Sequence[Sequence[int]], *, dearer_first: bool = True) -> Problem:
    """Cut the precedences of a problem where given routes leave room.

    Parameters
    ----------
    problem
        A valid problem.
    orders
        Per worker the visits in order.
    dearer_first
        Of two visits that are both on no route only one is left possible: the dearer one, or else the other.

    Returns
    -------
    Problem
        Without precedences. Its windows let the routes keep them, if that is possible and was found; else the times
        of the routes are free, and the checker names what is broken.
    """
    if not problem.precedences:
        return problem
    free = replace(problem, precedences=())
    arrays = arrays_of_problem(free)
    times = _times(_schedules(free, arrays, orders))
    early = earliest_services(arrays, orders, problem.precedences)
    services_s = {visit: end_s - start_s for visit, (start_s, end_s) in {**times, **early}.items()}
    for preferred in (times, early):
        moments = [
            _moment(one, preferred, early, _one_side(problem, one, dearer_first=dearer_first))
            for one in problem.precedences
        ]
        cut = _cut(problem, moments, services_s)
        if all(route is not None for route in _schedules(cut, arrays_of_problem(cut), orders)):
            return cut
    return free


def _finished(problem: Problem, plan: Plan, should_stop: Callable[[], bool]) -> Plan:
    """Put in what fits beside the visits of a plan, and say why the rest does not."""
    orders: Orders = tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)
    fuller_orders, settled = orders, problem
    for dearer_first in (True, False):
        # Of two visits that are both left out the dearer one is tried first, then the other one.
        settled = settled_by_orders(problem, fuller_orders, dearer_first=dearer_first)
        fuller_orders = insert_what_pays(settled, arrays_of_problem(settled), fuller_orders)
    fullest_orders = _with_others_shifted(problem, fuller_orders, should_stop)
    if fullest_orders != fuller_orders:
        fuller_orders, settled = fullest_orders, settled_by_orders(problem, fullest_orders, dearer_first=False)
    fuller = plan_of_orders(settled, arrays_of_problem(settled), fuller_orders, plan.engine)
    if check_plan(problem, fuller):
        fuller, fuller_orders = plan, orders
    return replace(
        fuller,
        unplanned=with_true_reasons(problem, fuller_orders, fuller.unplanned),
        beyond_search=(*plan.beyond_search, FIELD),
    )


def _with_others_shifted(problem: Problem, orders: Orders, should_stop: Callable[[], bool]) -> Orders:
    """Put in what fits where planned visits are served at other times."""

    def timed(tried: Orders) -> tuple[Route, ...] | None:
        settled = settled_by_orders(problem, tried)
        found = _schedules(settled, arrays_of_problem(settled), tried)
        routes = tuple(route for route in found if route is not None)
        times = _times(routes)
        waits = [one for one in problem.precedences if {one.before, one.after} <= times.keys()]
        is_kept = all(times[one.before][1] + one.min_gap_s <= times[one.after][0] for one in waits)
        return routes if is_kept and len(routes) == len(found) else None

    free = arrays_of_problem(replace(problem, precedences=()))
    return insert_where_others_shift(problem, free, orders, timed, should_stop)


def with_true_reasons(
    problem: Problem, orders: Orders, unplanned: tuple[UnplannedVisit, ...]
) -> tuple[UnplannedVisit, ...]:
    """Blame windows that come from precedences on the visits at their other ends.

    Parameters
    ----------
    problem
        A valid problem.
    orders
        Routes of a plan for it.
    unplanned
        Reasons that hold for the same problem with its precedences cut.

    Returns
    -------
    tuple of UnplannedVisit
        Reasons that hold for the problem itself.
    """
    doubtful = (UnplannedReason.OUTSIDE_WORKING_TIME, UnplannedReason.IMPOSSIBLE_WITH_PINS)
    if not problem.precedences or all(one.reason not in doubtful for one in unplanned):
        return unplanned
    free = replace(problem, precedences=())
    arrays = arrays_of_problem(free)
    alone = {one.visit: one.reason for one in explain_unplanned(free, arrays, ((),) * len(orders))}
    beside = {one.visit: one.reason for one in explain_unplanned(free, arrays, orders)}
    sentence = "It would fit alone, but not beside the planned visits that it waits for or that wait for it."
    return tuple(
        UnplannedVisit(one.visit, UnplannedReason.DISPLACED, sentence)
        if one.reason in doubtful and one.reason not in (alone[one.visit], beside[one.visit])
        else one
        for one in unplanned
    )


def _cut(problem: Problem, moments: Sequence[int], services_s: Mapping[int, int]) -> Problem:
    """Replace each precedence by two windows around its moment, given how long services take where that is known."""
    earliest_s: dict[int, int] = {}
    latest_s: dict[int, int] = {}
    longest_s = _LongestServices(problem)
    for one, moment_s in zip(problem.precedences, moments, strict=True):
        service_s = services_s[one.before] if one.before in services_s else longest_s[one.before]
        latest_s[one.before] = min(moment_s - service_s, latest_s.get(one.before, _EVER_S))
        earliest_s[one.after] = max(moment_s + one.min_gap_s, earliest_s.get(one.after, -_EVER_S))
    visits = list(problem.visits)
    for visit in latest_s.keys() | earliest_s.keys():
        visits[visit] = _within(visits[visit], earliest_s.get(visit, -_EVER_S), latest_s.get(visit, _EVER_S))
    return replace(problem, visits=tuple(visits), precedences=())


def _within(visit: Visit, earliest_s: int, latest_s: int) -> Visit:
    """Let a service start between two moments only."""
    windows = visit.time_windows or (TimeWindow(-_EVER_S, _EVER_S),)
    inside = [TimeWindow(max(one.start_s, earliest_s), min(one.end_s, latest_s)) for one in windows]
    return replace(visit, time_windows=tuple(one for one in inside if one.start_s <= one.end_s) or (_NEVER,))


class _LongestServices(dict[int, int]):
    """How long a visit takes the slowest worker, in seconds: computed once for each visit that is asked for."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem

    def __missing__(self, visit: int) -> int:
        """Compute what is not known yet."""
        longest_s = max(service_duration_s(self._problem.visits[visit], worker) for worker in self._problem.workers)
        self[visit] = longest_s
        return longest_s


def _first_moments(problem: Problem) -> list[int]:
    """Cut each precedence in the middle of the time that its visits have, chains in equal parts."""
    first_s = min(worker.shift_start_s for worker in problem.workers)
    last_s = max(worker.shift_end_s for worker in problem.workers)
    steps = [(one.before, one.after) for one in problem.precedences]
    links_to, links_from = _longest_chains(steps), _longest_chains([(after, before) for before, after in steps])
    longest_s = _LongestServices(problem)
    moments = []
    for one in problem.precedences:
        before, after = problem.visits[one.before], problem.visits[one.after]
        opens_s = max(first_s, before.time_windows[0].start_s if before.time_windows else first_s)
        closes_s = min(last_s, after.time_windows[-1].end_s if after.time_windows else last_s)
        earliest_s = opens_s + longest_s[one.before]
        latest_s = closes_s - one.min_gap_s
        links = (1 + links_to[one.before], 1 + links_from[one.after])
        middle_s = earliest_s + (latest_s - earliest_s) * links[0] // sum(links)
        moments.append(middle_s if earliest_s < latest_s else _one_side(problem, one))
    return moments


def _longest_chains(steps: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Count the steps of the longest chain that leads to each visit; there are no circles."""
    after: dict[int, list[int]] = {}
    missing: dict[int, int] = {}
    for one, other in steps:
        after.setdefault(one, []).append(other)
        missing[other] = missing.get(other, 0) + 1
        missing.setdefault(one, 0)
    longest = dict.fromkeys(missing, 0)
    settled = [visit for visit, count in missing.items() if not count]
    while settled:
        visit = settled.pop()
        for other in after.get(visit, ()):
            longest[other] = max(longest[other], longest[visit] + 1)
            missing[other] -= 1
            if not missing[other]:
                settled.append(other)
    return longest


def _moments_of_plan(problem: Problem, plan: Plan) -> list[int]:
    """Cut where a plan leaves room on both sides; where it has one visit alone, as near to it as that allows."""
    times = _times(plan.routes)
    moments = []
    for one in problem.precedences:
        ends, starts = times.get(one.before), times.get(one.after)
        if ends and starts:
            moments.append((ends[1] + starts[0] - one.min_gap_s) // 2)
        elif ends:
            moments.append(ends[1])
        elif starts:
            moments.append(starts[0] - one.min_gap_s)
        else:
            moments.append(_one_side(problem, one))
    return moments


def _one_side(problem: Problem, one: Precedence, *, dearer_first: bool = True) -> int:
    """Cut so that one visit is free and the other impossible: the one that must not be missing, or brings more."""
    before, after = (_importance(problem, visit) for visit in (one.before, one.after))
    return _EVER_S if (before >= after) == dearer_first else -_EVER_S


def _importance(problem: Problem, visit: int) -> tuple[bool, int, int]:
    level, worth = level_of(problem, visit), problem.visits[visit].unserved_cost
    return level is not None, -(level or 0), worth or 0


def _times(routes: Sequence[Route | None]) -> Times:
    """Say of each visit on the routes when its service starts and ends."""
    stops = [stop for route in routes if route is not None for stop in route.stops]
    return {stop.visit: (stop.start_s, stop.departure_s) for stop in stops}


def _moment(one: Precedence, preferred: Times, early: Times, fallback_s: int) -> int:
    """Cut a precedence between its visits as they are scheduled, or else as they are scheduled at the earliest."""
    for times in (preferred, early):
        ends, starts = times.get(one.before), times.get(one.after)
        if ends and starts and ends[1] + one.min_gap_s <= starts[0]:
            return ends[1] if preferred is early else (ends[1] + starts[0] - one.min_gap_s) // 2
        if ends and not starts:
            return ends[1]
        if starts and not ends:
            return starts[0] - one.min_gap_s
    ends = early.get(one.before)
    return fallback_s if ends is None else ends[1]


def _schedules(problem: Problem, arrays: ProblemArrays, orders: Sequence[Sequence[int]]) -> list[Route | None]:
    return [schedule_route(problem, arrays, worker, tuple(order)) for worker, order in enumerate(orders)]
