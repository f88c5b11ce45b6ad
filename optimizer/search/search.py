"""Main path of the search: from a planning problem to the visits of each worker in order.

Read this file first. A first plan is built by cheapest insertion; then iterations of ruin and recreate under simulated
annealing improve it (`optimizer.search.annealing_kernels`). The kernels run in slices of some milliseconds without
the GIL; between two slices the caller is asked whether to stop and hears of improvements.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.problem import Problem
from optimizer.search.annealing_kernels import (
    ITERATIONS_OF_ONE_TEMPERATURE,
    ONLY_INSERTING,
    Annealing,
    anneal,
)
from optimizer.search.given_plan import best_plan_again, put_in
from optimizer.search.neighbourhood import neighbourhood_of
from optimizer.search.options import SearchOptions
from optimizer.search.problem_tables import tables_of_problem
from optimizer.search.search_data import (
    COST_PER_METRE,
    COST_PER_SECOND,
    LENGTH,
    NO_LIMIT,
    PROFILE,
    TRAVEL,
    WORKER,
    SearchData,
)
from optimizer.search.state import BEST_COST, PLANNED, USED, VISITS, State, empty_plan, orders_of_best
from optimizer.search.team import Team, copy_plan
from optimizer.search.visit_numbering import near_together, renumbered

Orders = tuple[tuple[int, ...], ...]

_SLICE_S = 0.01
_FEWEST_ITERATIONS = 64
_FEWEST_ITERATIONS_PER_VISIT = 300
_FEW_ROUTES = 20
_GROWTH_WITH_ROUTES = 2.6
_SETTLED_SHARE = 0.03
"""From this share on, how many iterations there will be is known well enough."""
_MOST_ITERATIONS = (1 << 31) - 1
"""The node table has room for no larger stamp."""


class _Rounds(NamedTuple):
    """How the iterations are divided into rounds and refinings of the best plan of them.

    `length` is that of the shortest round, in units of `_work_of_a_round`, and `warmest` the first temperature of a
    refining in mean costs of a leg.
    """

    most: int
    length: float
    refining_from: float
    refinings: int
    warmest: float


_VERY_FEW_VISITS = 120
_WITH_VERY_FEW_VISITS = _Rounds(most=4, length=0.5, refining_from=0.3, refinings=3, warmest=0.3)
"""With 100 customers fewer and longer refinings find the best plan more often, with 200 they do not."""
_FEW_VISITS = 250
_WITH_FEW_VISITS = _Rounds(most=4, length=0.5, refining_from=0.5, refinings=5, warmest=0.3)
_WITH_MANY_VISITS = _Rounds(most=8, length=1.0, refining_from=0.7, refinings=1, warmest=0.2)
"""With 400 visits, short rounds and many refinings give plans that are worse by half a percent."""


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    orders
        Per worker the visits in order, as indices into `Problem.visits`.
    iterations
        How many were run, by each thread.
    """

    orders: Orders
    iterations: int


def search(
    problem: Problem,
    options: SearchOptions,
    *,
    start_from: Orders | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    on_improvement: Callable[[Orders], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> SearchResult:
    """Search for the cheapest plan.

    Parameters
    ----------
    problem
        A valid problem.
    options
        How long and how.
    start_from
        Orders that keep every rule, to begin with; visits that are on none of them are inserted where it pays.
    should_stop
        Asked every few milliseconds; once it says yes, the best orders so far are the answer.
    on_improvement
        Gets the orders of a better plan, at most once in a few milliseconds.
    clock
        Seconds; the time limit is measured on it.

    Returns
    -------
    SearchResult
        Orders that keep every rule of the problem. Visits that are on none of them are left out.
    """
    begin_s = clock()
    if not problem.workers or not problem.visits:
        return SearchResult(((),) * len(problem.workers), 0)
    order = near_together(problem)
    data, nodes = tables_of_problem(renumbered(problem, order))
    around = neighbourhood_of(data, nodes, options)
    states = tuple(empty_plan(data, nodes, options.seed, stream) for stream in range(options.threads))
    state = states[0]
    if start_from is not None:
        numbers = np.argsort(order)
        put_in(data, state, tuple(tuple(int(numbers[visit]) for visit in route) for route in start_from))
    anneal(data, state, around, ONLY_INSERTING, 1, 1.0)
    on_improvement(orders_of_best(data, state, order))
    for other in states[1:]:
        copy_plan(state, other)
    rounds = _rounds_for(len(data.visits))
    annealing, work_of_a_round = _annealing_of(options, data, state, rounds), _work_of_a_round(options, state)
    pace = _Pace(options, clock, begin_s)
    cost = state.counters[BEST_COST]
    with Team(data, nodes, around, states, should_stop) as team:
        while not should_stop():
            iterations, planned = pace.next_slice(team.iterations)
            if iterations == 0:
                break
            if team.iterations <= _SETTLED_SHARE * planned:
                annealing = _in_rounds(annealing, rounds, planned / work_of_a_round)
            team.run(annealing, iterations, planned)
            if team.best.counters[BEST_COST] < cost:
                cost = team.best.counters[BEST_COST]
                on_improvement(orders_of_best(data, team.best, order))
    # Where the search was stopped early, something always pays that is not on the best plan.
    complete = best_plan_again(data, nodes, team.best, retried=NO_LIMIT)
    orders = orders_of_best(data, complete, order)
    if complete.counters[BEST_COST] < cost:
        on_improvement(orders)
    return SearchResult(orders, team.iterations)


def _rounds_for(visits: int) -> _Rounds:
    if visits <= _VERY_FEW_VISITS:
        return _WITH_VERY_FEW_VISITS
    return _WITH_FEW_VISITS if visits <= _FEW_VISITS else _WITH_MANY_VISITS


def _annealing_of(options: SearchOptions, data: SearchData, state: State, rounds: _Rounds) -> Annealing:
    """State the annealing in fine units of cost, as one round."""
    cost_of_a_leg = _mean_cost_of_a_leg(data, state)
    return Annealing(
        mean_removed=options.mean_removed,
        longest_string=options.longest_string,
        exchanged_share=options.exchanged_share,
        hottest=options.hottest * cost_of_a_leg,
        coldest=options.coldest * cost_of_a_leg,
        rounds=1,
        refining_from=1.0,
        refinings=rounds.refinings,
        warmest=rounds.warmest * cost_of_a_leg,
    )


def _work_of_a_round(options: SearchOptions, state: State) -> float:
    """Say how many iterations a round of annealing needs.

    Where there are few routes, chance decides early on who goes where, and later iterations hardly change it: the best
    of several rounds is then far better than one that takes all the time. With many routes, good and bad luck even out.
    """
    work = max(options.work_of_a_round, _FEWEST_ITERATIONS_PER_VISIT * int(state.counters[PLANNED]))
    return float(work * max(1.0, state.counters[USED] / _FEW_ROUTES) ** _GROWTH_WITH_ROUTES)


def _in_rounds(annealing: Annealing, rounds: _Rounds, works: float) -> Annealing:
    """Divide so many times the work of a round into as many rounds as that is enough for, and the refinings."""
    count = min(rounds.most, int(works * rounds.refining_from / rounds.length))
    if count <= 1:
        return annealing._replace(rounds=1, refining_from=1.0)
    return annealing._replace(rounds=count, refining_from=rounds.refining_from)


def _mean_cost_of_a_leg(data: SearchData, state: State) -> float:
    """Mean cost in fine units of the legs of the plan, at least 1."""
    leaving = state.nodes[: len(data.visits) + len(data.workers)]
    leaving = leaving[(leaving[:, WORKER] >= 0) & (state.routes[leaving[:, WORKER], VISITS] > 0)]
    prices = data.profiles[leaving[:, PROFILE]]
    costs = prices[:, COST_PER_METRE] * leaving[:, LENGTH] + prices[:, COST_PER_SECOND] * leaving[:, TRAVEL]
    return max(1.0, float(costs.mean())) if len(costs) else 1.0


class _Pace:
    """Cuts the search into slices of about the same time, and says how far it is."""

    def __init__(self, options: SearchOptions, clock: Callable[[], float], begin_s: float) -> None:
        self._options = options
        self._clock = clock
        self._begin_s = begin_s
        self._slice_begin_s: float | None = None
        self._iterations = _FEWEST_ITERATIONS

    def next_slice(self, done: int) -> tuple[int, float]:
        """Return how many iterations to run now, 0 when the search is over, and how many there will be in all."""
        now_s = self._clock()
        share = (now_s - self._begin_s) / self._options.time_limit_s
        work_limit = self._options.work_limit
        left = min(work_limit or _MOST_ITERATIONS, _MOST_ITERATIONS) - done
        if share >= 1 or left <= 0:
            return 0, 1.0
        if self._slice_begin_s is not None:
            took_s = now_s - self._slice_begin_s
            self._iterations = round(self._iterations * min(2.0, max(0.5, _SLICE_S / max(took_s, 1e-9))))
        self._slice_begin_s = now_s
        # Slices are whole stretches of one temperature, so that where they end cannot change the outcome.
        stretch = ITERATIONS_OF_ONE_TEMPERATURE
        self._iterations = max(1, self._iterations // stretch) * stretch
        planned = work_limit if work_limit is not None else max(1, done) / max(share, 1e-9)
        return min(self._iterations, left), float(planned)
