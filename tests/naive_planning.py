"""The obvious way to compute what the planning kernels compute, one second at a time; far too slow for use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise, permutations, product

from optimizer.problem import Problem, Visit, Worker


def naive_shortest_timing(worker: Worker, visits: Sequence[Visit], legs_s: Sequence[int]) -> tuple[int, int] | None:
    """Return start and end of the shortest route, among equals of the one that ends first; None if there is none."""
    day = _NaiveDay(worker, visits, legs_s)
    best: tuple[int, int, int] | None = None
    for start in range(worker.shift_start_s, worker.shift_end_s + 1):
        for taken_before in range(len(worker.breaks) + 1):
            if any(start < one.earliest_start_s + one.duration_s for one in worker.breaks[:taken_before]):
                break
            end = day.earliest_end(start, 0, legs_s[0], taken_before)
            if end is None or (worker.max_duration_s is not None and end - start > worker.max_duration_s):
                continue
            if best is None or (end - start, end) < best[:2]:
                best = (end - start, end, start)
    return None if best is None else (best[2], best[1])


class _NaiveDay:
    """A day lived second by second.

    Every second the worker may travel on, idle, begin the next service when at the place inside a window, or begin the
    next break inside its limits.
    """

    def __init__(self, worker: Worker, visits: Sequence[Visit], legs_s: Sequence[int]) -> None:
        self._worker = worker
        self._visits = visits
        self._legs_s = legs_s
        self.earliest_end = cache(self._earliest_end)

    def _earliest_end(self, now: int, stage: int, still_to_travel: int, taken: int) -> int | None:
        """Return when a route can end that has come so far; None where it cannot."""
        if now > self._worker.shift_end_s:
            return None
        breaks_left = self._worker.breaks[taken:]
        arrived = still_to_travel == 0
        if arrived and stage == len(self._visits) and all(now <= one.latest_start_s for one in breaks_left):
            return now
        outcomes = [self.earliest_end(now + 1, stage, max(0, still_to_travel - 1), taken)]
        if arrived and stage < len(self._visits) and may_start(self._visits[stage], now):
            over = now + self._visits[stage].duration_s
            outcomes.append(self.earliest_end(over, stage + 1, self._legs_s[stage + 1], taken))
        if breaks_left and breaks_left[0].earliest_start_s <= now <= breaks_left[0].latest_start_s:
            outcomes.append(self.earliest_end(now + breaks_left[0].duration_s, stage, still_to_travel, taken + 1))
        return min((end for end in outcomes if end is not None), default=None)


def may_start(visit: Visit, now: int) -> bool:
    """Tell whether a service may start at a moment."""
    return not visit.time_windows or any(window.start_s <= now <= window.end_s for window in visit.time_windows)


def naive_legs(problem: Problem, worker: Worker, order: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """Return the seconds and metres of each leg of a route; None where one has no way."""
    matrix = problem.matrices[worker.matrix]
    places = [worker.start_location, *(problem.visits[visit].location for visit in order), worker.end_location]
    legs_s, legs_m = [], []
    for here, there in pairwise(places):
        if here is None or there is None:
            legs_s.append(0)
            legs_m.append(0)
        elif matrix.reachable[here, there]:
            legs_s.append(int(matrix.duration_s[here, there]))
            legs_m.append(int(matrix.distance_m[here, there]))
        else:
            return None
    return legs_s, legs_m


def naive_route_cost(problem: Problem, worker: Worker, order: Sequence[int]) -> int | None:
    """Return the cost of a route, None where it breaks a rule; skills are not looked at."""
    if not order:
        return 0
    legs = naive_legs(problem, worker, order)
    if legs is None:
        return None
    legs_s, legs_m = legs
    visits = [problem.visits[visit] for visit in order]
    for value, limit in (
        (len(order), worker.max_visits),
        (sum(visit.load for visit in visits), worker.capacity),
        (sum(legs_m), worker.max_distance_m),
    ):
        if limit is not None and value > limit:
            return None
    timing = naive_shortest_timing(worker, visits, legs_s)
    if timing is None:
        return None
    return (
        worker.fixed_cost
        + half_up(worker.cost_per_hour * (timing[1] - timing[0]), 3600)
        + half_up(worker.cost_per_km * sum(legs_m), 1000)
    )


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round half up."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest >= denominator)


RouteCost = Callable[[int, Sequence[int]], int | None]
"""Cost of a route of a worker (by index) with visits in order; None where it breaks a rule."""


def naive_best_plan(problem: Problem, route_cost: RouteCost | None = None) -> tuple[int, int]:
    """Return the fewest mandatory visits left out and the least cost with that, over all plans there are.

    The naive day prices the routes unless `route_cost` does.
    """
    workers = range(len(problem.workers))

    def naive_cost(index: int, order: Sequence[int]) -> int | None:
        return naive_route_cost(problem, problem.workers[index], order)

    price = route_cost or naive_cost

    @cache
    def cheapest_route(index: int, visits: frozenset[int]) -> int | None:
        if any(not problem.visits[visit].required_skills <= problem.workers[index].skills for visit in visits):
            return None
        costs = (price(index, order) for order in permutations(sorted(visits)))
        return min((cost for cost in costs if cost is not None), default=None)

    def outcomes() -> Iterator[tuple[int, int]]:
        for owners in product([None, *workers], repeat=len(problem.visits)):
            visits_of = [frozenset(v for v, owner in enumerate(owners) if owner == one) for one in workers]
            parts = [cheapest_route(one, visits) for one, visits in enumerate(visits_of)]
            routes = [part for part in parts if part is not None]
            if len(routes) == len(parts):
                unserved = [problem.visits[v].unserved_cost for v, owner in enumerate(owners) if owner is None]
                yield unserved.count(None), sum(routes) + sum(one or 0 for one in unserved)

    return min(outcomes())
