"""Runs other planning engines on one of our planning problems: PyVRP, VROOM and OR-Tools.

They get the same matrix and the same budget in CPU seconds of the process, so that other work on the machine does not
decide who wins. All run on one thread. VROOM takes a wall time only: where it had less of the processor than its
budget, it runs again for longer.

Stated are problems with one matrix and the price of one cost unit per metre, as the instances of the benchmarks are.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.insertion.insertion import Orders, insert_what_pays, route_value
from optimizer.problem import Problem, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routing_library.model import build_routing_model
from optimizer.routing_library.search import search_routes

_VROOM_EXPLORATION = 5
_ENOUGH_OF_THE_BUDGET = 0.9
_LONGEST_WALL = 20.0
"""OR-Tools stops at the first local optimum after its budget, or after so many times its budget by the wall clock."""
_NO_LIMIT = 1 << 30
_FORBIDDEN = 10_000_000
"""Seconds and metres of a way that PyVRP shall not take: longer than any day."""


class _CpuTimeIsOver:
    """PyVRP's question whether to stop, asked of the CPU time."""

    def __init__(self, budget_s: float) -> None:
        self._end_s = time.process_time() + budget_s

    def __call__(self, best_cost: float) -> bool:
        """Tell whether the budget is used up."""
        del best_cost
        return time.process_time() >= self._end_s


def run_pyvrp(problem: Problem, budget_s: float, seed: int) -> Orders:
    """Solve with PyVRP.

    It knows no breaks: it is given shifts that are shorter by them, then what breaks a rule is taken off its routes
    and what still fits is put in. A visit with several windows becomes one of several clients.
    """
    # Long because it says every rule of the problem once more in the words of PyVRP.
    import pyvrp  # noqa: PLC0415 - an optional extra

    kinds: dict[Worker, list[int]] = {}
    for index, worker in enumerate(problem.workers):
        kinds.setdefault(replace(worker, id=""), []).append(index)
    skills = sorted({worker.skills for worker in kinds}, key=sorted)
    depots = sorted({place for worker in kinds for place in _ends(worker)})
    clients, groups, visit_of_client = _pyvrp_clients(problem)
    matrices = [_without_visits(problem, known) for known in skills]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in problem.matrices[0].distance_m],
        clients=clients,
        depots=[pyvrp.Depot(location=place) for place in depots],
        vehicle_types=[_pyvrp_vehicles(worker, len(members), skills, depots) for worker, members in kinds.items()],
        distance_matrices=[distance for distance, _ in matrices],
        duration_matrices=[duration for _, duration in matrices],
        groups=groups,
    )
    best = pyvrp.solve(data, _CpuTimeIsOver(budget_s), seed=seed, collect_stats=False, display=False).best
    free = [list(members) for members in kinds.values()]
    orders: list[tuple[int, ...]] = [()] * len(problem.workers)
    for route in best.routes():
        orders[free[route.vehicle_type()].pop()] = tuple(visit_of_client[one] for one in _clients_of(route))
    return _repaired(problem, orders)


def _ends(worker: Worker) -> tuple[int, int]:
    assert worker.start_location is not None
    assert worker.end_location is not None
    return worker.start_location, worker.end_location


def _pyvrp_clients(problem: Problem) -> tuple[list[Any], list[Any], list[int]]:
    """Clients, groups of clients, and the visit of each client."""
    import pyvrp  # noqa: PLC0415 - an optional extra

    clients: list[Any] = []
    groups: list[Any] = []
    visit_of_client: list[int] = []
    for number, visit in enumerate(problem.visits):
        windows = visit.time_windows or (None,)
        mandatory, alone = visit.unserved_cost is None, len(windows) == 1
        if not alone:
            members = range(len(clients), len(clients) + len(windows))
            groups.append(pyvrp.ClientGroup(list(members), required=mandatory))
        for window in windows:
            clients.append(
                pyvrp.Client(
                    location=visit.location,
                    delivery=[visit.load],
                    service_duration=visit.duration_s,
                    tw_early=0 if window is None else window.start_s,
                    tw_late=_FORBIDDEN if window is None else window.end_s,
                    prize=visit.unserved_cost or 0,
                    required=mandatory and alone,
                    group=None if alone else len(groups) - 1,
                )
            )
            visit_of_client.append(number)
    return clients, groups, visit_of_client


def _pyvrp_vehicles(worker: Worker, count: int, skills: list[frozenset[str]], depots: list[int]) -> object:
    """Workers who are alike."""
    import pyvrp  # noqa: PLC0415 - an optional extra

    start, end = _ends(worker)
    return pyvrp.VehicleType(
        num_available=count,
        capacity=[_NO_LIMIT if worker.capacity is None else worker.capacity],
        start_depot=depots.index(start),
        end_depot=depots.index(end),
        tw_early=worker.shift_start_s,
        tw_late=worker.shift_end_s - sum(pause.duration_s for pause in worker.breaks),
        profile=skills.index(worker.skills),
    )


def _clients_of(route: object) -> list[int]:
    """Clients of a PyVRP route, numbered from 0."""
    return [activity.idx for activity in route if activity.is_client()]  # type: ignore[attr-defined]


def _without_visits(problem: Problem, skills: frozenset[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distances and durations where all that need other skills are out of reach."""
    distance, duration = problem.matrices[0].distance_m.copy(), problem.matrices[0].duration_s.copy()
    for visit in problem.visits:
        if not visit.required_skills <= skills:
            for table in (distance, duration):
                table[visit.location, :] = table[:, visit.location] = _FORBIDDEN
                table[visit.location, visit.location] = 0
    return distance, duration


def _repaired(problem: Problem, orders: list[tuple[int, ...]]) -> Orders:
    """Take off routes what breaks a rule, cheapest first, and put in what fits."""
    arrays = arrays_of_problem(problem)
    served: Counter[int] = Counter()
    for worker, given in enumerate(orders):
        order = [one for one in given if arrays.may_serve[worker, one] and not served[one]]
        while order and route_value(arrays, worker, order).verdict != POSSIBLE:
            costs = [problem.visits[one].unserved_cost for one in order]
            order.pop(min(range(len(order)), key=lambda k: (1 << 60) if costs[k] is None else costs[k]))
        served.update(order)
        orders[worker] = tuple(order)
    return insert_what_pays(problem, arrays, tuple(orders))


def run_vroom(problem: Problem, budget_s: float, seed: int) -> Orders:
    """Solve with VROOM, exploration level 5; it takes no seed and may end before its time is over."""
    del seed
    names = sorted({skill for visit in problem.visits for skill in visit.required_skills})
    work = _vroom_workers(problem, names)
    for index in range(len(problem.visits)):
        work.add_job(_vroom_job(problem, index, names))
    return _repaired(problem, list(_solved_by_vroom(problem, work, budget_s)))


def run_vroom_with_deliveries(problem: Problem, budget_s: float) -> Orders:
    """Solve a problem with VROOM all of whose visits belong to deliveries and need no skills."""
    import vroom  # noqa: PLC0415 - an optional extra

    work = _vroom_workers(problem, [])
    for one in problem.deliveries:
        halves = []
        for index in (one.pickup, one.delivery):
            visit = problem.visits[index]
            windows = [(window.start_s, window.end_s) for window in visit.time_windows]
            halves.append(
                vroom.ShipmentStep(index, visit.location, default_service=visit.duration_s, time_windows=windows)
            )
        work.add_job(vroom.Shipment(*halves, amount=[one.load]))
    return _solved_by_vroom(problem, work, budget_s)


def _vroom_workers(problem: Problem, names: list[str]) -> Any:  # noqa: ANN401 - its types are not known without the extra
    """State matrix and workers; skills are numbered by their names."""
    import vroom  # noqa: PLC0415 - an optional extra

    work = vroom.Input()
    matrix = problem.matrices[0]
    work.set_durations_matrix("car", matrix.duration_s.astype(np.uint32))
    work.set_costs_matrix("car", matrix.distance_m.astype(np.uint32))
    for index, worker in enumerate(problem.workers):
        pauses = [
            vroom.Break(number, [(pause.earliest_start_s, pause.latest_start_s)], pause.duration_s)
            for number, pause in enumerate(worker.breaks)
        ]
        work.add_vehicle(
            vroom.Vehicle(
                index,
                start=worker.start_location,
                end=worker.end_location,
                capacity=[_NO_LIMIT if worker.capacity is None else worker.capacity],
                skills={names.index(one) for one in worker.skills if one in names},
                time_window=(worker.shift_start_s, worker.shift_end_s),
                breaks=pauses,
            )
        )
    return work


def _vroom_job(problem: Problem, index: int, names: list[str]) -> object:
    """State a visit; priorities of VROOM reach to 100, which a mandatory visit has."""
    import vroom  # noqa: PLC0415 - an optional extra

    visit = problem.visits[index]
    dearest = max(1, *(one.unserved_cost or 0 for one in problem.visits))
    return vroom.Job(
        index,
        visit.location,
        default_service=visit.duration_s,
        delivery=[visit.load],
        skills={names.index(one) for one in visit.required_skills},
        priority=100 if visit.unserved_cost is None else round(10 * visit.unserved_cost / dearest),
        time_windows=[(window.start_s, window.end_s) for window in visit.time_windows],
    )


def _solved_by_vroom(problem: Problem, work: Any, budget_s: float) -> Orders:  # noqa: ANN401 - as above
    """Visits of each worker, found in the budget or, at the first try that is not too short, in more."""
    wall_s = budget_s
    while True:
        begin_s, begin_cpu_s = time.monotonic(), time.process_time()
        steps = work.solve(_VROOM_EXPLORATION, nb_threads=1, timeout=timedelta(seconds=wall_s)).routes
        used_s = time.process_time() - begin_cpu_s
        if used_s >= _ENOUGH_OF_THE_BUDGET * budget_s or time.monotonic() - begin_s < wall_s:
            break
        wall_s *= min(4.0, 1.2 * budget_s / used_s)
    orders: list[tuple[int, ...]] = [()] * len(problem.workers)
    served = steps[steps["type"].isin(["job", "pickup", "delivery"])]
    for worker, stops in served.groupby("vehicle_id", sort=False):
        orders[int(worker)] = tuple(int(one) for one in stops["id"])
    return tuple(orders)


def run_ortools(problem: Problem, budget_s: float, seed: int) -> Orders:
    """Solve with OR-Tools, stated and searched as `optimizer` does it."""
    end_s = time.process_time() + budget_s
    arrays = arrays_of_problem(problem)
    first = insert_what_pays(problem, arrays, ((),) * len(problem.workers))
    possible = [visit for visit in range(len(problem.visits)) if arrays.may_serve[:, visit].any()]
    orders = search_routes(
        build_routing_model(problem, arrays, possible, seed),
        start_from=first,
        time_limit_s=_LONGEST_WALL * budget_s,
        work_limit=None,
        should_stop=lambda: time.process_time() >= end_s,
        on_orders=lambda _: None,
    )
    return insert_what_pays(problem, arrays, orders)


PEERS = {"pyvrp": run_pyvrp, "vroom": run_vroom, "ortools": run_ortools}
