"""Decides how early the visits of given routes can be served where some wait for others, also on other routes.

A route is served as early as it can be; a visit that waits for another begins when that one is over. Visits are looked
at so that none comes before one that it waits for, nor before the one in front of it on its route (Kahn, 1962,
"Topological sorting of large networks", doi 10.1145/368996.369025). So each route is timed anew only where something
on it that was put off is asked for: at most once for each visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from optimizer.problem import Precedence
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.schedule import early_service_starts
from optimizer.routes.schedule_kernels import NEVER

Times = dict[int, tuple[int, int]]
"""Of visits: when the service starts and when it is over, seconds from the origin."""
PASSES: Final = 3
"""Putting a visit off may move a break, and with it what comes before; then all is looked through again."""


def earliest_services(
    arrays: ProblemArrays, orders: Sequence[Sequence[int]], precedences: Sequence[Precedence]
) -> Times:
    """Serve everything as early as the precedences allow.

    Parameters
    ----------
    arrays
        A problem without its precedences.
    orders
        Per worker the visits in order.
    precedences
        Which visits wait for which. One that contradicts the routes, or others, is not kept.

    Returns
    -------
    Times
        Of the visits on routes that have a schedule.
    """
    planned = {visit for order in orders for visit in order}
    waits: dict[int, list[Precedence]] = {}
    for one in precedences:
        if one.before in planned and one.after in planned:
            waits.setdefault(one.after, []).append(one)
    routes = _EarlyRoutes(arrays, orders)
    steps = [*_route_steps(orders), *((one.before, visit) for visit, some in waits.items() for one in some)]
    in_order = [visit for visit in _topological(planned, steps) if visit in waits]
    for _ in range(PASSES):
        is_changed = False
        for visit in in_order:
            ends = [(routes.over_s(one.before), one.min_gap_s) for one in waits[visit]]
            earliest_s = max((over_s + gap_s for over_s, gap_s in ends if over_s is not None), default=-NEVER)
            is_changed |= routes.put_off(visit, earliest_s)
        if not is_changed:
            break
    return routes.times()


def _route_steps(orders: Iterable[Sequence[int]]) -> Iterator[tuple[int, int]]:
    return (step for order in orders for step in pairwise(order))


def _topological(visits: Iterable[int], steps: Sequence[tuple[int, int]]) -> list[int]:
    """Order visits so that each step leads onwards; those behind a circle are left out."""
    after: dict[int, list[int]] = {}
    missing = dict.fromkeys(visits, 0)
    for one, other in steps:
        after.setdefault(one, []).append(other)
        missing[other] += 1
    in_order = [visit for visit, count in missing.items() if not count]
    for visit in in_order:  # grows while it is gone through
        for other in after.get(visit, ()):
            missing[other] -= 1
            if not missing[other]:
                in_order.append(other)
    return in_order


class _EarlyRoutes:
    """The routes, each timed when something of it is asked for.

    Parameters
    ----------
    arrays, orders
        As in `earliest_services`.
    """

    def __init__(self, arrays: ProblemArrays, orders: Sequence[Sequence[int]]) -> None:
        times = arrays.visits_of[0].times
        self._first_window = times.first_window
        # All workers see the same windows, so that what is put off is put off for all.
        self._window_start_s, self._window_end_s = times.window_start_s.copy(), times.window_end_s.copy()
        windows = {"window_start_s": self._window_start_s, "window_end_s": self._window_end_s}
        visits_of = tuple(one._replace(times=one.times._replace(**windows)) for one in arrays.visits_of)
        self._arrays = replace(arrays, visits_of=visits_of)
        self._orders = orders
        self._worker_of = {visit: worker for worker, order in enumerate(orders) for visit in order}
        self._known: dict[int, Mapping[int, tuple[int, int]]] = {}

    def over_s(self, visit: int) -> int | None:
        """Say when a service is over; None where its route has no schedule."""
        span = self._route(self._worker_of[visit]).get(visit)
        return None if span is None else span[1]

    def put_off(self, visit: int, earliest_s: int) -> bool:
        """Let a service start at a moment or later, and tell whether that may change anything."""
        worker = self._worker_of[visit]
        known = self._known.get(worker)
        if known is not None and (visit not in known or known[visit][0] >= earliest_s):
            return False
        windows = slice(self._first_window[visit], self._first_window[visit + 1])
        is_over = self._window_end_s[windows] < earliest_s
        is_later = bool(is_over.any() or (self._window_start_s[windows] < earliest_s).any())
        np.maximum(self._window_start_s[windows], earliest_s, out=self._window_start_s[windows])
        self._window_start_s[windows][is_over] = self._window_end_s[windows][is_over] = -NEVER
        if is_later:
            self._known.pop(worker, None)
        return is_later

    def times(self) -> Times:
        """Return the times of all routes."""
        return {visit: span for worker in range(len(self._orders)) for visit, span in self._route(worker).items()}

    def _route(self, worker: int) -> Mapping[int, tuple[int, int]]:
        if worker not in self._known:
            self._known[worker] = self._timed(worker)
        return self._known[worker]

    def _timed(self, worker: int) -> Mapping[int, tuple[int, int]]:
        order = self._orders[worker]
        starts_s = early_service_starts(self._arrays, worker, order) if order else None
        if starts_s is None:
            return {}
        services_s = self._arrays.visits_of[worker].times.service_s[np.asarray(order, np.int64)]
        spans = zip(starts_s.tolist(), (starts_s + services_s).tolist(), strict=True)
        return dict(zip(order, spans, strict=True))
