"""Lets several searches run side by side, each on a thread of its own, that share the best plan now and then.

The kernels hold no lock, so two threads keep two cores busy. All go forward by the same number of iterations before
any of them looks at what another has found: so the outcome does not depend on which thread was faster.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from optimizer.search.annealing_kernels import ITERATIONS_OF_ONE_TEMPERATURE, Annealing, anneal
from optimizer.search.given_plan import best_plan_again, put_in
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.route_pool import RoutePool
from optimizer.search.search_data import SearchData
from optimizer.search.state import BEST_COST, BEST_NEXT, COST, ITERATION, State, empty_plan

_STAGES = 50
"""How often in a search the worst plan is replaced by the best."""
_ROUNDING = 1e-9
_BETWEEN_PLANS = 16 * ITERATIONS_OF_ONE_TEMPERATURE
"""After so many iterations each, the routes of a plan are kept."""
_MOST_VISITS_WITH_A_POOL = 250
"""With 400 visits, going on from plans made of kept routes while annealing is still warm makes the end worse."""
_FEWEST_BETWEEN_CHOICES = 100_000
"""Choosing among the routes takes as long as some ten thousand iterations."""
_LATE_STAGES = (30, 35, 40, 45, 48)
"""When that is done where one round takes all the time."""
_LAST_STAGE = 49
"""When it is done last after the refinings."""


class Team:
    """Searches that begin with the same plan and differ in their random numbers; a context that ends its threads.

    Parameters
    ----------
    data, nodes
        From `optimizer.search.problem_tables`.
    around
        As in `optimizer.search.annealing_kernels.anneal`.
    states
        One for each search, with the same plan.
    should_stop
        Asked every few milliseconds where something takes longer than that.
    """

    def __init__(
        self,
        data: SearchData,
        nodes: NDArray[np.int32],
        around: Neighbourhood,
        states: tuple[State, ...],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._should_stop = should_stop
        self._data = data
        self._nodes = nodes
        self._turn = -1
        self._around = around
        self._states = states
        self._begin = self.iterations
        # Where rules span several routes, routes that are good each for itself may not go together.
        is_kept = len(data.bonds) == 0 and len(data.visits) <= _MOST_VISITS_WITH_A_POOL
        self._pool = RoutePool(data) if is_kept else None
        self._chosen_at = 0
        self._threads = ThreadPoolExecutor(len(states)) if len(states) > 1 else None

    def __enter__(self) -> Self:
        """Return the team."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown()

    @property
    def best(self) -> State:
        """The state with the best plan so far, the first of equals."""
        return min(self._states, key=lambda state: int(state.counters[BEST_COST]))

    @property
    def iterations(self) -> int:
        """How many iterations each search has run."""
        return int(self._states[0].counters[ITERATION])

    @property
    def _since_the_start(self) -> int:
        """Iterations of the team; the first plan took one before."""
        return self.iterations - self._begin

    def run(self, annealing: Annealing, iterations: int, planned: float) -> None:
        """Let each search run some iterations of those planned in all, and share plans where a stage ends."""
        while iterations > 0:
            stage = int(self.iterations / planned * _STAGES + _ROUNDING)
            turn = _turn_at(annealing, stage)
            if turn > self._turn:
                self._turn = turn
                self._take_turn(annealing)
            until_its_end = planned * (stage + 1) / _STAGES - self.iterations
            # Whole stretches of one temperature, as where the iterations of one call end.
            stretches = max(1, math.ceil(until_its_end / ITERATIONS_OF_ONE_TEMPERATURE - _ROUNDING))
            until_a_plan = _BETWEEN_PLANS - self._since_the_start % _BETWEEN_PLANS
            part = min(iterations, stretches * ITERATIONS_OF_ONE_TEMPERATURE, until_a_plan)
            self._run_all(annealing, part, planned)
            self._gather()
            iterations -= part
            # Each goes through its rounds alone: what one has found would lead the others to the same.
            is_shared = annealing.refining_from == 1 or self._turn >= 0
            if is_shared and int(self.iterations / planned * _STAGES + _ROUNDING) > stage:
                self._share()

    def _run_all(self, annealing: Annealing, iterations: int, planned: float) -> None:
        if self._threads is None:
            anneal(self._data, self._states[0], self._around, annealing, iterations, planned)
            return
        waiting = [
            self._threads.submit(anneal, self._data, state, self._around, annealing, iterations, planned)
            for state in self._states
        ]
        for one in waiting:
            one.result()

    def _gather(self) -> None:
        """Keep the routes of all plans as they are now and then."""
        if self._pool is not None and self._since_the_start % _BETWEEN_PLANS == 0:
            for state in self._states:
                self._pool.gather(state)

    def _take_turn(self, annealing: Annealing) -> None:
        """Let all searches go on from the best plan, in the middle of a round only where it is new to them."""
        best = self._best_plan()
        if annealing.refining_from < 1 or best.counters[COST] < self.best.counters[BEST_COST]:
            for state in self._states:
                copy_plan(best, state)

    def _best_plan(self) -> State:
        """Return the best plan so far, or a better one made of the routes that were kept."""
        best = best_plan_again(self._data, self._nodes, self.best)
        if self._pool is None or self.iterations < self._chosen_at + _FEWEST_BETWEEN_CHOICES:
            return best
        self._chosen_at = self.iterations
        orders = self._pool.better_plan(best, self._should_stop)
        if orders is None:
            return best
        better = empty_plan(self._data, self._nodes, seed=0)
        put_in(self._data, better, orders)
        better.counters[ITERATION] = best.counters[ITERATION]
        return better

    def _share(self) -> None:
        """Let the search with the worst plan go on from the best plan."""
        costs = [int(state.counters[COST]) for state in self._states]
        copy_plan(self._states[costs.index(min(costs))], self._states[costs.index(max(costs))])


def _turn_at(annealing: Annealing, stage: int) -> int:
    """Return the number of the refining or late choice that a stage is part of; negative before the first."""
    if annealing.refining_from >= 1:
        return bisect.bisect_right(_LATE_STAGES, stage) - 1
    if stage >= _LAST_STAGE:
        return annealing.refinings
    first = round(annealing.refining_from * _STAGES)
    return (stage - first) * annealing.refinings // (_STAGES - first)


def copy_plan(source: State, target: State) -> None:
    """Make a plan the same as another; the random numbers stay, and the best plan seen if it is better.

    Parameters
    ----------
    source, target
        States of the same problem after the same number of iterations.
    """
    if source is target:
        return
    best_cost, best = int(target.counters[BEST_COST]), target.lists[BEST_NEXT].copy()
    for given, taken in (
        (source.nodes, target.nodes),
        (source.routes, target.routes),
        (source.lists, target.lists),
        (source.counters, target.counters),
        (source.idle, target.idle),
    ):
        np.copyto(taken, given)
    if best_cost < target.counters[BEST_COST]:
        target.counters[BEST_COST] = best_cost
        target.lists[BEST_NEXT] = best
