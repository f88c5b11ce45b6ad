"""Decides which visits come before all others, whatever they cost, and how that is told to the engines.

A visit has a *level* where no price can outweigh it: 0 where it is mandatory, its priority where priorities are strict
down to that one. Plans are compared by how many visits they leave out of level 0, then of level 1, and so on; among
those that leave out equally many of each, by their cost.

The engines minimise one sum. There, leaving out a visit of a strict priority costs a *prize* on top of its unserved
cost. With `m` strict priorities, `n_l` visits of level `l`, and no two plans farther apart in their costs than `c`::

    prize_m = c + 1        prize_l = c + 1 + Σ over l < k ≤ m   n_k · prize_k

so that one visit of a level outweighs all that lies below it together: of two plans the one that comes first in the
order above always has the smaller sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from optimizer.plan import Plan
from optimizer.problem import Problem, Visit

FIELD: Final = "lowest_strict_priority"
MANDATORY: Final = 0
LARGEST_SUM: Final = (1 << 61) // 36_000
"""Cost units in all prizes together: the engines count in 18,000ths of them, and a mandatory visit costs more still."""

Rank = tuple[tuple[int, ...], int]
"""How good a plan is, less is better: how many visits it leaves out of each level, and its cost."""


def level_of(problem: Problem, visit: int) -> int | None:
    """Return the level of a visit; None where its price decides."""
    asked = problem.visits[visit]
    if asked.unserved_cost is None:
        return MANDATORY
    return asked.priority if asked.priority <= problem.lowest_strict_priority else None


def comes_first(problem: Problem, visit: int, level: int) -> bool:
    """Tell whether a visit may not make way for one of a level: its own is the same, or before it."""
    own = level_of(problem, visit)
    return own is not None and own <= level


def count_by_level(problem: Problem, visits: Iterable[int]) -> tuple[int, ...]:
    """Count visits by level: mandatory ones first, then those of each strict priority."""
    levels = [level_of(problem, visit) for visit in visits]
    return tuple(levels.count(level) for level in range(problem.lowest_strict_priority + 1))


def rank_of_plan(problem: Problem, plan: Plan) -> Rank:
    """Say how good a plan is."""
    return count_by_level(problem, (one.visit for one in plan.unplanned)), plan.cost


@dataclass(frozen=True, eq=False)
class PrizedProblem:
    """A problem as the engines get it.

    Parameters
    ----------
    problem
        The same problem, with the prizes in the unserved costs.
    is_proven
        Whether the prizes are as large as they must be. Where they would not fit into 64 bits, they are as large as
        they can be, the more important the larger.
    """

    problem: Problem
    is_proven: bool


def with_prizes(problem: Problem) -> PrizedProblem:
    """State the strict priorities of a problem as unserved costs.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    PrizedProblem
        With the problem itself where it has no strict priorities.
    """
    if not problem.lowest_strict_priority:
        return PrizedProblem(problem, is_proven=True)
    mandatory, *counts = count_by_level(problem, range(len(problem.visits)))
    apart = dearest_routes(problem) + sum(visit.unserved_cost or 0 for visit in problem.visits)
    largest = LARGEST_SUM // (1 + mandatory)
    prizes = _proven_prizes(counts, apart + 1)
    is_proven = apart + sum(count * prize for count, prize in zip(counts, prizes, strict=True)) <= largest
    if not is_proven:
        prizes = _largest_prizes(counts, apart + 1, largest)
    visits = tuple(_with_prize(problem, number, prizes) for number in range(len(problem.visits)))
    return PrizedProblem(replace(problem, visits=visits), is_proven)


def _with_prize(problem: Problem, number: int, prizes: Sequence[int]) -> Visit:
    visit, level = problem.visits[number], level_of(problem, number)
    if level is None or visit.unserved_cost is None:
        return visit
    return replace(visit, unserved_cost=visit.unserved_cost + prizes[level - 1])


def _proven_prizes(counts: Sequence[int], least: int) -> list[int]:
    """Compute the prize of each strict priority, the most important first."""
    prizes: list[int] = []
    below = 0
    for count in reversed(counts):
        prizes.append(least + below)
        below += count * prizes[-1]
    return prizes[::-1]


def _largest_prizes(counts: Sequence[int], least: int, largest: int) -> list[int]:
    """Spread prizes evenly, by their logarithm, below what fits into 64 bits together."""
    most = max(1, largest // max(1, sum(counts)))
    least = min(least, most)
    ratio = (most / least) ** (1 / max(1, len(counts) - 1))
    return [min(most, int(least * ratio**step)) for step in reversed(range(len(counts)))]


def dearest_routes(problem: Problem) -> int:
    """Bound from above what all routes of a plan can cost together, in cost units.

    Each of at most ``visits + workers`` legs is the longest there is at the highest price, and two such ways where it
    may lead by the depot of a reload; every worker is out for the whole shift; every visit is served by the wrong one
    at the wrong time.
    """
    workers, visits = problem.workers, problem.visits
    longest_m = max(int(one.distance_m[one.reachable].max(initial=0)) for one in problem.matrices)
    per_km = max(one.cost_per_km + one.soft_limits.cost_per_extra_km for one in workers)
    from_center = max(one.cost_per_km_from_center for one in workers)
    per_visit = max(one.soft_limits.cost_per_extra_visit for one in workers)
    cost = sum(_dearest_day(problem, index) for index in range(len(workers)))
    ways_per_leg = 1 if all(one.reload is None for one in workers) else 2
    cost += ways_per_leg * (len(visits) + len(workers)) * (longest_m * per_km // 1000 + 1)
    cost += len(visits) * (longest_m * from_center // 1000 + 1 + per_visit)
    cost += len(visits) * max((one.reload.cost for one in workers if one.reload is not None), default=0)
    return cost + sum(_dearest_start(problem, visit) for visit in visits)


def _dearest_day(problem: Problem, index: int) -> int:
    worker = problem.workers[index]
    soft = worker.soft_limits
    per_hour = worker.cost_per_hour + soft.cost_per_extra_hour + soft.cost_per_extra_travel_hour
    per_hour += worker.overtime_cost_per_hour
    roundings = 7
    return worker.fixed_cost + per_hour * (worker.shift_end_s - worker.shift_start_s) // 3600 + roundings


def _dearest_start(problem: Problem, visit: Visit) -> int:
    """Bound what sending the wrong worker at the wrong time can cost."""
    cost = visit.not_preferred_cost
    if visit.soft_windows:
        first_s = min(worker.shift_start_s for worker in problem.workers)
        last_s = max(worker.shift_end_s for worker in problem.workers)
        early_s = max(0, visit.soft_windows[0].start_s - first_s)
        late_s = max(0, last_s - visit.soft_windows[-1].end_s)
        cost += (early_s * visit.cost_per_hour_early + late_s * visit.cost_per_hour_late) // 3600 + 1
    return cost
