"""Lets several searches run side by side, each on a thread of its own, that share the best plan now and then.

The kernels hold no lock, so two threads keep two cores busy. All go forward by the same number of iterations before
any of them looks at what another has found: so the outcome does not depend on which thread was faster.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from optimizer.search.annealing_kernels import ITERATIONS_OF_ONE_TEMPERATURE, Annealing, anneal
from optimizer.search.given_plan import best_plan_again
from optimizer.search.neighbourhood import Neighbourhood
from optimizer.search.search_data import SearchData
from optimizer.search.state import BEST_COST, BEST_NEXT, COST, ITERATION, State

_STAGES = 50
"""How often in a search the worst plan is replaced by the best."""
_ROUNDING = 1e-9


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
    """

    def __init__(
        self, data: SearchData, nodes: NDArray[np.int32], around: Neighbourhood, states: tuple[State, ...]
    ) -> None:
        self._data = data
        self._nodes = nodes
        self._refining = -1
        self._around = around
        self._states = states
        self._stage = 0
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

    def run(self, annealing: Annealing, iterations: int, planned: float) -> None:
        """Let each search run some iterations of those planned in all, and share plans where a stage ends."""
        while iterations > 0:
            stage = int(self.iterations / planned * _STAGES + _ROUNDING)
            refining = _refining_at(annealing, stage)
            if refining > self._refining:
                self._refining = refining
                self._go_back_to_the_best()
            until_its_end = planned * (stage + 1) / _STAGES - self.iterations
            # Whole stretches of one temperature, as where the iterations of one call end.
            stretches = max(1, math.ceil(until_its_end / ITERATIONS_OF_ONE_TEMPERATURE - _ROUNDING))
            part = min(iterations, stretches * ITERATIONS_OF_ONE_TEMPERATURE)
            self._run_all(annealing, part, planned)
            iterations -= part
            # Each goes through its rounds alone: what one has found would lead the others to the same.
            is_shared = annealing.refining_from == 1 or self._refining >= 0
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

    def _go_back_to_the_best(self) -> None:
        """Let all searches go on from the best plan so far."""
        again = best_plan_again(self._data, self._nodes, self.best)
        for state in self._states:
            copy_plan(again, state)

    def _share(self) -> None:
        """Let the search with the worst plan go on from the best plan."""
        costs = [int(state.counters[COST]) for state in self._states]
        copy_plan(self._states[costs.index(min(costs))], self._states[costs.index(max(costs))])


def _refining_at(annealing: Annealing, stage: int) -> int:
    """Return the number of the refining that a stage is part of, negative for those before the first."""
    if annealing.refining_from >= 1:
        return -1
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
