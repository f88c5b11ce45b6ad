"""States the reloads of one route as visits, for an engine that knows no reloads but loads that leave the vehicle."""

from __future__ import annotations

from dataclasses import replace

from optimizer.problem import Problem, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.schedule import schedule_route


def reloads_as_visits(alone: Problem) -> tuple[Problem, tuple[int, ...]]:
    """Put a visit at the depot wherever the worker of a one-route problem reloads.

    Parameters
    ----------
    alone
        As `optimizer.routes.single_route.problem_of_route` cuts it out, its visits in the order of the route.

    Returns
    -------
    alone
        With one more visit for each reload: it takes its time as a setup, which breaks may interrupt, and what the trip
        before has loaded leaves there. No neighbours need follow each other directly, for a reload may come in between.
    order
        The visits of the route with those between.
    """
    (worker,) = alone.workers
    order = tuple(range(len(alone.visits)))
    route = schedule_route(alone, arrays_of_problem(alone), 0, order)
    if worker.reload is None or route is None or not route.reloads:
        return replace(alone, workers=(replace(worker, reload=None),)), order
    visits, longer = list(alone.visits), []
    trip_load = 0
    starts = {one.before_stop for one in route.reloads}
    for place, visit in enumerate(alone.visits):
        if place in starts:
            longer.append(len(visits))
            visits.append(
                Visit(f"reload {place}", worker.reload.location, 0, load=-trip_load, setup_s=worker.reload.duration_s)
            )
            trip_load = 0
        longer.append(place)
        trip_load += visit.load
    most_visits = None if worker.max_visits is None else worker.max_visits + len(starts)
    soft = worker.soft_limits
    if soft.max_visits is not None:
        soft = replace(soft, max_visits=soft.max_visits + len(starts))
    owner = replace(worker, reload=None, max_visits=most_visits, soft_limits=soft)
    sequences = tuple(replace(one, is_direct=False) for one in alone.sequences)
    return replace(alone, workers=(owner,), visits=tuple(visits), sequences=sequences), tuple(longer)
