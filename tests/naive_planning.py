"""The obvious way to compute what the planning kernels compute, one second at a time; far too slow for use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, permutations, product

from optimizer.problem import Problem, Visit, Worker


def naive_soft_price(visit: Visit, start: int) -> int:
    """Return what the start of a service costs, in cost units times 3600."""
    prices = [
        visit.cost_per_hour_early * max(0, one.start_s - start) + visit.cost_per_hour_late * max(0, start - one.end_s)
        for one in visit.soft_windows
    ]
    return min(prices, default=0)


def naive_soft_timings(worker: Worker, visits: Sequence[Visit], legs_s: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return start, end and price of the services, times 3600, of every cheapest route; none if there is none."""
    day = _NaiveSoftDay(worker, visits, legs_s)
    prices: dict[tuple[int, int, int], int] = {}
    for start in range(worker.shift_start_s, worker.shift_end_s + 1):
        for taken_before in range(len(worker.breaks) + 1):
            if any(start < one.earliest_start_s + one.duration_s for one in worker.breaks[:taken_before]):
                break
            for end, soft in day.ends(start, 0, legs_s[0], taken_before).items():
                if worker.max_duration_s is None or end - start <= worker.max_duration_s:
                    prices[start, end, soft] = soft + naive_price_of_time(worker, start, end)
    return [timing for timing, price in prices.items() if price == min(prices.values())]


def naive_cheapest_timing(worker: Worker, visits: Sequence[Visit], legs_s: Sequence[int]) -> tuple[int, int] | None:
    """Return start and end of the cheapest route, among equals the shortest, then the first; None if there is none."""
    day = _NaiveDay(worker, visits, legs_s)
    best: tuple[int, int, int, int] | None = None
    for start in range(worker.shift_start_s, worker.shift_end_s + 1):
        for taken_before in range(len(worker.breaks) + 1):
            if any(start < one.earliest_start_s + one.duration_s for one in worker.breaks[:taken_before]):
                break
            end = day.earliest_end(start, 0, legs_s[0], taken_before)
            if end is None or (worker.max_duration_s is not None and end - start > worker.max_duration_s):
                continue
            outcome = (naive_price_of_time(worker, start, end), end - start, end, start)
            best = outcome if best is None else min(best, outcome)
    return None if best is None else (best[3], best[2])


def naive_price_of_time(worker: Worker, start: int, end: int) -> int:
    """Return what a route costs for its time alone, in cost units times 3600."""
    soft = worker.soft_limits
    price = worker.cost_per_hour * (end - start)
    if soft.max_duration_s is not None:
        price += soft.cost_per_extra_hour * max(0, end - start - soft.max_duration_s)
    if worker.regular_end_s is not None:
        price += worker.overtime_cost_per_hour * max(0, end - worker.regular_end_s)
    return price


def naive_service_s(worker: Worker, visit: Visit) -> int:
    """Return how long a visit takes a worker."""
    durations = [one.duration_s for one in visit.skill_durations if one.skill in worker.skills]
    quickest = min(durations) if durations else visit.duration_s
    return math.ceil(Fraction(quickest * worker.service_percent, 100))


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
            over = now + naive_service_s(self._worker, self._visits[stage])
            outcomes.append(self.earliest_end(over, stage + 1, self._legs_s[stage + 1], taken))
        if breaks_left and breaks_left[0].earliest_start_s <= now <= breaks_left[0].latest_start_s:
            outcomes.append(self.earliest_end(now + breaks_left[0].duration_s, stage, still_to_travel, taken + 1))
        return min((end for end in outcomes if end is not None), default=None)


class _NaiveSoftDay(_NaiveDay):
    """A day lived second by second, in which the least price of the services is told for each end of the route."""

    def __init__(self, worker: Worker, visits: Sequence[Visit], legs_s: Sequence[int]) -> None:
        super().__init__(worker, visits, legs_s)
        self.ends = cache(self._ends)

    def _ends(self, now: int, stage: int, still_to_travel: int, taken: int) -> dict[int, int]:
        if now > self._worker.shift_end_s:
            return {}
        breaks_left = self._worker.breaks[taken:]
        arrived = still_to_travel == 0
        found: dict[int, int] = {}
        if arrived and stage == len(self._visits) and all(now <= one.latest_start_s for one in breaks_left):
            found[now] = 0
        outcomes = [(0, self.ends(now + 1, stage, max(0, still_to_travel - 1), taken))]
        if arrived and stage < len(self._visits) and may_start(self._visits[stage], now):
            visit = self._visits[stage]
            over = now + naive_service_s(self._worker, visit)
            outcomes.append((naive_soft_price(visit, now), self.ends(over, stage + 1, self._legs_s[stage + 1], taken)))
        if breaks_left and breaks_left[0].earliest_start_s <= now <= breaks_left[0].latest_start_s:
            outcomes.append((0, self.ends(now + breaks_left[0].duration_s, stage, still_to_travel, taken + 1)))
        for price, ends in outcomes:
            for end, soft in ends.items():
                found[end] = min(found.get(end, price + soft), price + soft)
        return found


def may_start(visit: Visit, now: int) -> bool:
    """Tell whether a service may start at a moment."""
    return not visit.time_windows or any(window.start_s <= now <= window.end_s for window in visit.time_windows)


def naive_legs(problem: Problem, worker: Worker, order: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """Return the travel seconds and metres of each leg of a route; None where one has no way."""
    matrix = problem.matrices[worker.matrix]
    places = [worker.start_location, *(problem.visits[visit].location for visit in order), worker.end_location]
    legs_s, legs_m = [], []
    for here, there in pairwise(places):
        if here is None or there is None:
            legs_s.append(0)
            legs_m.append(0)
        elif matrix.reachable[here, there]:
            legs_s.append(math.ceil(Fraction(int(matrix.duration_s[here, there]) * worker.travel_percent, 100)))
            legs_m.append(int(matrix.distance_m[here, there]))
        else:
            return None
    return legs_s, legs_m


def naive_setups(problem: Problem, order: Sequence[int]) -> list[int]:
    """Return the setup before each visit of a route: none where the stop before is at the same place."""
    places = [None, *(problem.visits[visit].location for visit in order)]
    return [
        0 if before == problem.visits[visit].location else problem.visits[visit].setup_s
        for before, visit in zip(places, order, strict=False)
    ]


def naive_route_cost(problem: Problem, index: int, order: Sequence[int]) -> int | None:
    """Return the cost of a route of a worker, None where it breaks a rule; who may serve whom is not looked at."""
    worker = problem.workers[index]
    if not order:
        return 0
    legs = naive_legs(problem, worker, order)
    load = sum(problem.visits[visit].load for visit in order)
    if legs is None or (worker.capacity is not None and load > worker.capacity):
        return None
    busy_s = [leg + setup for leg, setup in zip(legs[0], [*naive_setups(problem, order), 0], strict=True)]
    return _naive_cost_with_legs(problem, index, order, (*legs, busy_s))


def _naive_cost_with_legs(
    problem: Problem, index: int, order: Sequence[int], legs: tuple[list[int], list[int], list[int]]
) -> int | None:
    """Price a route by travel seconds, metres, and seconds with all that comes before each service."""
    worker = problem.workers[index]
    if not naive_keeps_company(problem, order):
        return None
    legs_s, legs_m, busy_s = legs
    visits = [problem.visits[visit] for visit in order]
    for value, limit in (
        (len(order), worker.max_visits),
        (sum(legs_m), worker.max_distance_m),
        (sum(legs_s), worker.max_travel_s),
    ):
        if limit is not None and value > limit:
            return None
    timing = naive_cheapest_timing(worker, visits, busy_s)
    if timing is None:
        return None
    return naive_price(problem, index, order, (timing[1] - timing[0], timing[1], sum(legs_s), sum(legs_m)))


def naive_reload_route_costs(problem: Problem, index: int, order: Sequence[int]) -> set[int | None]:
    """Return the costs of a route over all its ways to reload as seldom and as quickly as the loads allow.

    None stands for a route that breaks a rule. Who may serve whom is not looked at.
    """
    worker = problem.workers[index]
    reload = worker.reload
    if reload is None or naive_most_on_board(problem, order) <= (worker.capacity or 0):
        return {naive_route_cost(problem, index, order)}
    costs: dict[tuple[int, int], set[int | None]] = {}
    for places in _subsets(range(1, len(order))):
        begins = [0, *places, len(order)]
        before = [[*order[:begin]] for begin in begins[:-1]]
        trips = [order[begin:end] for begin, end in pairwise(begins)]
        loads = [naive_most_on_board(problem, trip, earlier) for trip, earlier in zip(trips, before, strict=True)]
        legs = naive_legs_by_depot(problem, worker, order, places)
        is_allowed = reload.max_reloads is None or len(places) <= reload.max_reloads
        if max(loads) <= (worker.capacity or 0) and legs is not None and is_allowed:
            key = len(places), sum(legs[2])
            cost = _naive_cost_with_legs(problem, index, order, legs)
            costs.setdefault(key, set()).add(None if cost is None else cost + reload.cost * len(places))
    return costs[min(costs)] if costs else {None}


def naive_most_on_board(problem: Problem, trip: Sequence[int], earlier: Sequence[int] = ()) -> int:
    """Return the most that is on board of a trip, with what was picked up earlier."""
    amounts = []
    for end in range(len(trip) + 1):
        passed = [*earlier, *trip[:end]]
        picked = sum(one.load for one in problem.deliveries if one.pickup in passed)
        amounts.append(picked - sum(one.load for one in problem.deliveries if one.delivery in passed))
    return max(amounts) + sum(problem.visits[visit].load for visit in trip)


def naive_legs_by_depot(
    problem: Problem, worker: Worker, order: Sequence[int], places: Sequence[int]
) -> tuple[list[int], list[int], list[int]] | None:
    """Return travel seconds, metres, and seconds with reload and setup of each leg; None where one has no way."""
    assert worker.reload is not None
    depot = Visit("depot", worker.reload.location, 0)
    longer, visits = [], [*problem.visits, depot]
    for place, visit in enumerate(order):
        longer += [len(problem.visits), visit] if place in places else [visit]
    wider = replace(problem, visits=tuple(visits))
    legs, setups = naive_legs(wider, worker, longer), naive_setups(wider, longer)
    if legs is None:
        return None
    travel_s, metres, seconds = [0], [0], [0]
    for stop, leg_s, leg_m, setup_s in zip([*longer, None], *legs, [*setups, 0], strict=True):
        travel_s[-1] += leg_s
        metres[-1] += leg_m
        if stop == len(problem.visits):
            seconds[-1] += leg_s + worker.reload.duration_s
        else:
            seconds[-1] += leg_s + setup_s
            travel_s, metres, seconds = [*travel_s, 0], [*metres, 0], [*seconds, 0]
    return travel_s[:-1], metres[:-1], seconds[:-1]


def _subsets(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (some for count in range(len(places) + 1) for some in combinations(places, count))


def naive_price(problem: Problem, index: int, order: Sequence[int], sums: tuple[int, int, int, int]) -> int:
    """Price a route by its duration, end, seconds on the road and metres."""
    worker = problem.workers[index]
    duration_s, end_s, travel_s, distance_m = sums
    soft = worker.soft_limits
    cost = worker.fixed_cost + half_up(worker.cost_per_hour * duration_s, 3600)
    cost += half_up(worker.cost_per_km * distance_m, 1000)
    for value, limit, price, unit in (
        (len(order), soft.max_visits, soft.cost_per_extra_visit, 1),
        (distance_m, soft.max_distance_m, soft.cost_per_extra_km, 1000),
        (duration_s, soft.max_duration_s, soft.cost_per_extra_hour, 3600),
        (travel_s, soft.max_travel_s, soft.cost_per_extra_travel_hour, 3600),
        (end_s, worker.regular_end_s, worker.overtime_cost_per_hour, 3600),
    ):
        if limit is not None and value > limit:
            cost += half_up(price * (value - limit), unit)
    for visit in order:
        asked = problem.visits[visit]
        if asked.preferred_workers and index not in asked.preferred_workers:
            cost += asked.not_preferred_cost
        matrix = problem.matrices[worker.matrix]
        if worker.area_center is not None and matrix.reachable[worker.area_center, asked.location]:
            metres = int(matrix.distance_m[worker.area_center, asked.location])
            cost += half_up(worker.cost_per_km_from_center * metres, 1000)
    return cost


def naive_keeps_company(problem: Problem, order: Sequence[int]) -> bool:
    """Tell whether the visits of a route may be on it together, in this order."""
    apart = (*problem.separate_groups, *problem.different_worker_groups)
    if any(len(group.intersection(order)) > 1 for group in apart):
        return False
    for sequence in problem.sequences:
        places = [order.index(visit) for visit in sequence.visits if visit in order]
        if places != sorted(places):
            return False
        for before, after in pairwise(sequence.visits):
            if sequence.is_direct and {before, after} <= set(order) and order.index(after) != order.index(before) + 1:
                return False
    return True


def naive_may_join(problem: Problem, visit: int, worker: int, orders: Sequence[Sequence[int]]) -> bool:
    """Tell whether the visits that bind a visit, together or apart, are where they may be if a worker serves it."""
    for other, order in enumerate(orders):
        bound = [set(one.visits) for one in problem.sequences]
        if naive_person(problem, other) != naive_person(problem, worker):
            bound += [set(group) for group in problem.same_worker_groups]
        else:
            bound += [set(group) for group in problem.different_worker_groups]
        if other != worker and any(visit in group and group.intersection(order) - {visit} for group in bound):
            return False
    return True


def naive_person(problem: Problem, worker: int) -> int:
    """Return the first shift of the person whose shift a worker is."""
    first = problem.workers[worker].shift_of
    return worker if first is None else first


def naive_may_serve(problem: Problem, index: int, visit: Visit) -> bool:
    """Tell whether a worker may serve a visit at all."""
    worker = problem.workers[index]
    if not visit.required_skills <= worker.skills:
        return False
    if visit.allowed_workers is not None and index not in visit.allowed_workers:
        return False
    return visit.zone is None or not worker.zones or visit.zone in worker.zones


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round half up."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest >= denominator)


def naive_level(visit: Visit) -> int:
    """Return 0 for a mandatory visit, and its priority for any other."""
    return 0 if visit.unserved_cost is None else visit.priority


RouteCost = Callable[[int, Sequence[int]], int | None]
"""Cost of a route of a worker (by index) with visits in order; None where it breaks a rule."""


def naive_best_plan(problem: Problem, route_cost: RouteCost | None = None) -> tuple[tuple[int, ...], int]:
    """Return how few visits of each level can be left out and the least cost with that, over all plans there are.

    The first level is that of mandatory visits, then come the strict priorities.

    The naive day prices the routes unless `route_cost` does.
    """
    workers = range(len(problem.workers))

    def naive_cost(index: int, order: Sequence[int]) -> int | None:
        return naive_route_cost(problem, index, order)

    price = route_cost or naive_cost

    @cache
    def cheapest_route(index: int, visits: frozenset[int]) -> int | None:
        if not all(naive_may_serve(problem, index, problem.visits[visit]) for visit in visits):
            return None
        costs = (price(index, order) for order in permutations(sorted(visits)))
        return min((cost for cost in costs if cost is not None), default=None)

    def keeps_together(owners: Sequence[int | None]) -> bool:
        people = [None if owner is None else naive_person(problem, owner) for owner in owners]
        bound = [*((people, group) for group in problem.same_worker_groups)]
        bound += [(list(owners), frozenset(one.visits)) for one in problem.sequences]
        with_whom = [
            [people[visit] for visit in group if people[visit] is not None] for group in problem.different_worker_groups
        ]
        return all(len({who[visit] for visit in group} - {None}) <= 1 for who, group in bound) and all(
            len(set(who)) == len(who) for who in with_whom
        )

    def outcomes() -> Iterator[tuple[tuple[int, ...], int]]:
        for owners in product([None, *workers], repeat=len(problem.visits)):
            if not keeps_together(owners):
                continue
            visits_of = [frozenset(v for v, owner in enumerate(owners) if owner == one) for one in workers]
            parts = [cheapest_route(one, visits) for one, visits in enumerate(visits_of)]
            routes = [part for part in parts if part is not None]
            if len(routes) == len(parts):
                left_out = [v for v, owner in enumerate(owners) if owner is None]
                levels = [naive_level(problem.visits[v]) for v in left_out]
                by_level = tuple(levels.count(level) for level in range(problem.lowest_strict_priority + 1))
                yield by_level, sum(routes) + sum(problem.visits[v].unserved_cost or 0 for v in left_out)

    return min(outcomes())
