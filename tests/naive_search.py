"""The obvious way to compute what the kernels of the search keep up to date; far too slow for use."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.problem import Problem, Worker
from optimizer.search.search_data import FINE_PER_COST_UNIT, FINE_PER_METRE, FINE_PER_SECOND
from tests.naive_planning import half_up, naive_cheapest_timing, naive_keeps_company, naive_legs

Routes = tuple[list[int], list[int]]
"""Of two workers."""


def naive_fine_cost(problem: Problem, worker: int, order: Sequence[int]) -> int | None:
    """Return the exact cost of a route in fine units, None where it breaks any rule, skills included.

    Whether visits that must stay with others are on the same route is for the caller to see.
    """
    if not order:
        return 0
    owner = problem.workers[worker]
    visits = [problem.visits[visit] for visit in order]
    legs = naive_legs(problem, owner, order)
    skilled = all(visit.required_skills <= owner.skills for visit in visits)
    if legs is None or not skilled or not naive_keeps_company(problem, order):
        return None
    legs_s, legs_m = legs
    for value, limit in (
        (len(order), owner.max_visits),
        (sum(visit.load for visit in visits), owner.capacity),
        (sum(legs_m), owner.max_distance_m),
        (sum(legs_s), owner.max_travel_s),
    ):
        if limit is not None and value > limit:
            return None
    timing = naive_cheapest_timing(owner, visits, legs_s)
    if timing is None:
        return None
    overtime_s = 0 if owner.regular_end_s is None else max(0, timing[1] - owner.regular_end_s)
    centre, ways = owner.area_center, problem.matrices[owner.matrix]
    areas = [
        half_up(owner.cost_per_km_from_center * int(ways.distance_m[centre, one.location]), 1000)
        for one in visits
        if centre is not None and ways.reachable[centre, one.location]
    ]
    disliked = [
        one.not_preferred_cost for one in visits if one.preferred_workers and worker not in one.preferred_workers
    ]
    return (
        naive_soft_cost(owner, (len(order), sum(legs_m), sum(legs_s), timing[1] - timing[0]))
        + (owner.fixed_cost + sum(areas) + sum(disliked)) * FINE_PER_COST_UNIT
        + owner.overtime_cost_per_hour * FINE_PER_SECOND * overtime_s
        + owner.cost_per_hour * FINE_PER_SECOND * (timing[1] - timing[0])
        + owner.cost_per_km * FINE_PER_METRE * sum(legs_m)
    )


def naive_change(problem: Problem, old: Routes, new: Routes) -> int | None:
    """Return what the new routes cost more; None where they break a rule."""
    costs = [naive_fine_cost(problem, 0, order) for order in (*old, *new)]
    old_first, old_second, new_first, new_second = costs
    if old_first is None or old_second is None or new_first is None or new_second is None:
        return None
    return new_first + new_second - old_first - old_second


def naive_soft_cost(owner: Worker, amounts: tuple[int, int, int, int]) -> int:
    """Price what of visits, metres, seconds on the road, and seconds in all is beyond a soft limit, in fine units."""
    soft = owner.soft_limits
    limits = (
        (soft.max_visits, soft.cost_per_extra_visit * FINE_PER_COST_UNIT),
        (soft.max_distance_m, soft.cost_per_extra_km * FINE_PER_METRE),
        (soft.max_travel_s, soft.cost_per_extra_travel_hour * FINE_PER_SECOND),
        (soft.max_duration_s, soft.cost_per_extra_hour * FINE_PER_SECOND),
    )
    return sum(
        price * max(0, amount - limit)
        for amount, (limit, price) in zip(amounts, limits, strict=True)
        if limit is not None
    )


def naive_insertion_cost(problem: Problem, worker: int, order: Sequence[int], position: int, visit: int) -> int | None:
    """Return what it costs more with a visit put in, None where that breaks a rule; the order keeps all rules."""
    before = naive_fine_cost(problem, worker, order)
    after = naive_fine_cost(problem, worker, [*order[:position], visit, *order[position:]])
    assert before is not None
    return None if after is None else after - before
