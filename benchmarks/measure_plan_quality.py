"""Measures how good the plans are, against best-known values and against PyVRP, VROOM and OR-Tools in the same run.

Command line
    python -m benchmarks.measure_plan_quality [--quick] [--json] [--seeds N] [--only SET …] [--seconds S …]
                                              [--without ENGINE …] [--instances NAME …] [--peer-answers FOLDER]
                                              [--into FILE]

Sets: ``100``, ``200``, ``400``, ``1000`` (vehicle routing with time windows, `vrptw` of the data folder, or instances
made by `benchmarks.instances.vrptw` where the folder is missing, which have no best-known value), ``field`` (its two
field-service days), ``made`` (ten more days of our own making), ``shanghai`` (a day of real pick-ups), ``cancel``,
``hybrid``.

Every engine runs on one thread, one after the other, with the same matrix and the same CPU seconds of the process (see
`benchmarks.planning_peers`). Kernels are compiled before the first measurement. `optimizer.plan_check` recomputes
whatever an engine finds: `plans_refused_by_checker`. For tuning, ``--peer-answers`` keeps what the peers find in a
folder and does not ask them twice; published figures come from one run without it.

In full it takes about an hour on quiet cores. It can be run in parts: ``--only`` names sets, and ``--into`` joins what
each part finds in one JSON file, which the last part prints whole. With three seeds and all peers the sets should take,
counting budgets, in minutes: ``100`` 8, ``200`` 5, ``400`` 11, ``1000`` 19, ``field`` 11, ``made`` 7, ``shanghai`` 6,
``cancel`` and ``hybrid`` 1 each.

Keys: ``gap_{size}_{seconds}s`` mean over instances and seeds of (distance / best-known - 1), with ``pyvrp_``,
``vroom_`` and ``ortools_`` for the peers; ``worst_lead_over_pyvrp_1000_{seconds}s`` the least lead on any instance;
``field_{day}_points_{seconds}s`` and ``…_travel_h`` mean over seeds; ``made_share_won_against_{peer}`` of ten;
``shanghai_first_plan_s``, ``shanghai_gap_{seconds}s`` to the long run; ``cancel_s`` from asking for a stop to the plan,
checked and explained; ``hybrid_cost_ratio`` of what the service plans by default to the search alone, in the same wall
seconds, over five made days with driving rests and few enough visits for OR-Tools to have a turn: below 1 it pays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean

import numpy as np

from benchmarks.instances.field_days import FieldDay, make_field_day, read_field_day
from benchmarks.instances.shanghai_day import shanghai_day
from benchmarks.instances.vrptw import make_vrptw, read_best_known, read_vrptw
from benchmarks.planning_peers import PEERS
from optimizer.insertion.insertion import Orders, insert_what_pays
from optimizer.options import Engine, SolveOptions
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem import DrivingRest, Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.search.options import SearchOptions
from optimizer.search.search import search
from optimizer.solve import solve

DATA = Path(os.environ.get("ODOGRAPH_DATA", "../shared/data"))
BUDGETS_S = {"100": (1, 10), "200": (1, 10), "400": (10, 30), "1000": (10, 60), "field": (10, 30), "made": (5,)}
QUICK_BUDGETS_S = {"100": (1,), "200": (1,), "400": (2,), "field": (5,), "cancel": ()}
SETS = (*BUDGETS_S, "shanghai", "cancel", "hybrid")
SHANGHAI_LONG_S = 300
HYBRID_S = 5.0
_DAYS_WITH_RESTS = ((2, 15, 9), *((5, 50, seed) for seed in range(5)))
"""Workers, visits and seed; the first day is to compile."""
UNSEEDED = frozenset({"vroom_", "ortools_"})
"""VROOM takes no seed, and OR-Tools' local search hardly depends on it: they are asked once."""
REFUSED = "plans_refused_by_checker"
Solver = Callable[[Problem, float, int], Orders]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short budgets, one seed, no peers: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--without", nargs="+", choices=tuple(PEERS), default=(), help="peers to leave out")
    parser.add_argument("--instances", nargs="+", help="only these of the vehicle routing instances")
    parser.add_argument("--peer-answers", type=Path, help="a folder that keeps the peers' answers, for tuning only")
    parser.add_argument("--into", type=Path, help="a JSON file in which the figures of several runs are joined")
    parser.add_argument("--seconds", type=int, nargs="+", help="only these of the budgets")
    options = parser.parse_args()
    budgets = QUICK_BUDGETS_S if options.quick else BUDGETS_S
    chosen = [name for name in options.only if not options.quick or name in QUICK_BUDGETS_S]
    seeds = range(1 if options.quick else options.seeds)
    engines: dict[str, Solver] = {"": run_search}
    if not options.quick:
        peers: dict[str, Solver] = {name: run for name, run in PEERS.items() if name not in options.without}
        if options.peer_answers:
            peers = {name: kept_answers(options.peer_answers, name, run) for name, run in peers.items()}
        engines |= {f"{name}_": run for name, run in peers.items()}
    warm_up()
    measured = Measured()
    for name in chosen:
        seconds = [one for one in budgets.get(name, ()) if not options.seconds or one in options.seconds]
        if name in {"100", "200", "400", "1000"}:
            measure_vrptw(name, seconds, seeds, engines, measured, only=options.instances)
        else:
            measure_set(name, seconds, seeds, engines, measured)
    results = joined(options.into, measured.summary()) if options.into else measured.summary()
    for key, value in results.items():
        print(f"{key:44} {value:.4f}")
    if options.json:
        print(json.dumps(results))


class Measured:
    """Collects figures under their keys, and says each as it comes."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)
        self._refused = 0

    def add(self, key: str, value: float, about: str = "") -> None:
        """Add one figure of those whose mean is the measure."""
        self._values[key].append(value)
        print(f"  {key:40} {value:9.4f} {about}", file=sys.stderr, flush=True)

    def check(self, problem: Problem, orders: Orders) -> None:
        """Let the independent checker recompute a plan."""
        plan = plan_of_orders(problem, arrays_of_problem(problem), orders, "measured")
        self._refused += bool(check_plan(problem, plan))

    def values(self, key: str) -> list[float]:
        """Figures of a key so far."""
        return self._values[key]

    def summary(self) -> dict[str, float]:
        """Means by key."""
        means = {key: round(mean(values), 6) for key, values in self._values.items() if not key.startswith("_")}
        return means | {REFUSED: float(self._refused)}


def joined(path: Path, results: dict[str, float]) -> dict[str, float]:
    """Join figures with those of earlier runs in a file: what was measured again replaces what was there."""
    earlier: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}
    refused = earlier.get(REFUSED, 0.0) + results[REFUSED]
    whole = earlier | results | {REFUSED: refused}
    path.write_text(json.dumps(whole, indent=1))
    return whole


def kept_answers(folder: Path, name: str, find: Solver) -> Solver:
    """Keep what a peer answers in a folder, and do not ask it twice."""
    folder.mkdir(parents=True, exist_ok=True)

    def answer(problem: Problem, budget_s: float, seed: int) -> Orders:
        people = [*map(asdict, problem.workers), *map(asdict, problem.visits)]
        digest = hashlib.sha256(json.dumps([people, budget_s, seed], default=sorted).encode())
        for matrix in problem.matrices:
            digest.update(matrix.duration_s.tobytes() + matrix.distance_m.tobytes() + matrix.reachable.tobytes())
        path = folder / f"{name}-{digest.hexdigest()[:24]}.json"
        if not path.is_file():
            path.write_text(json.dumps(find(problem, budget_s, seed)))
        return tuple(map(tuple, json.loads(path.read_text())))

    return answer


def measure_set(
    name: str, budgets_s: Sequence[float], seeds: Iterable[int], engines: dict[str, Solver], measured: Measured
) -> None:
    """Measure a set of days, or one of the other figures."""
    if name == "shanghai":
        measure_shanghai(measured)
    elif name == "cancel":
        measure_cancel(measured)
    elif name == "hybrid":
        measure_hybrid(measured)
    else:
        for day in field_days(name):
            for budget_s in budgets_s:
                measure_day(name, day, budget_s, seeds, engines, measured)


def run_search(problem: Problem, budget_s: float, seed: int) -> Orders:
    """Solve with our search on the CPU time of this process, and put in what still fits, as the service does."""
    options = SearchOptions(time_limit_s=budget_s, seed=seed)
    orders = search(problem, options, clock=time.process_time).orders
    return insert_what_pays(problem, arrays_of_problem(problem), orders)


def warm_up() -> None:
    """Compile what the measurements run."""
    for problem in (make_vrptw("R1", 50, 0).problem(), make_field_day(5, 50, 0).problem):
        search(problem, SearchOptions(time_limit_s=1e6, work_limit=640))
        orders = run_search(problem, 0.1, 0)
        Measured().check(problem, orders)


def distance(problem: Problem, orders: Orders) -> float:
    """Total distance of all routes in the unit of the files; infinite where a customer is missing."""
    if sum(map(len, orders)) < len(problem.visits):
        return float("inf")
    ways = problem.matrices[0].distance_m
    total = 0
    for order in orders:
        if order:
            stops = np.array([0, *(problem.visits[one].location for one in order), 0])
            total += int(ways[stops[:-1], stops[1:]].sum())
    return total / 10


def measure_vrptw(
    size: str,
    budgets_s: Sequence[float],
    seeds: Iterable[int],
    engines: dict[str, Solver],
    measured: Measured,
    *,
    only: Sequence[str] | None = None,
) -> None:
    """Measure the gaps of one size."""
    folder = DATA / "vrptw"
    if not folder.is_dir():
        print(f"no folder {folder}: the gaps of {size} customers are not measured", file=sys.stderr)
        return
    best_known = read_best_known(folder / "best_known.json")
    sizes = {
        name: row["customers"]
        for name, row in json.loads((folder / "best_known.json").read_text())["instances"].items()
    }
    paths = [one for one in sorted(folder.iterdir()) if sizes.get(one.stem) == int(size)]
    for budget_s in budgets_s:
        leads = []
        for path in paths:
            if only and path.stem not in only:
                continue
            gaps = measure_instance(path, best_known[path.stem], budget_s, seeds, engines, measured)
            for prefix, values in gaps.items():
                for gap in values:
                    measured.add(f"{prefix}gap_{size}_{budget_s}s", gap, path.stem)
            if "pyvrp_" in gaps:
                leads.append(mean(gaps["pyvrp_"]) - mean(gaps[""]))
        if leads:
            measured.add(f"worst_lead_over_pyvrp_{size}_{budget_s}s", min(leads))


def measure_instance(
    path: Path,
    best_known: float,
    budget_s: float,
    seeds: Iterable[int],
    engines: dict[str, Solver],
    measured: Measured,
) -> dict[str, list[float]]:
    """Return the gaps of each engine on one instance."""
    problem = read_vrptw(path).problem()
    gaps: dict[str, list[float]] = defaultdict(list)
    for seed in seeds:
        for prefix, find in engines.items():
            if seed > 0 and prefix in UNSEEDED:
                continue
            orders = find(problem, budget_s, seed)
            measured.check(problem, orders)
            gaps[prefix].append(distance(problem, orders) / best_known - 1)
    return gaps


def field_days(name: str) -> list[FieldDay]:
    """Days of a set."""
    if name == "made":
        return [make_field_day(25, 300, seed) for seed in range(10)]
    folder = DATA / "field-days"
    if not folder.is_dir():
        print(f"no folder {folder}: its days are not measured", file=sys.stderr)
        return []
    return [read_field_day(path) for path in sorted(folder.glob("*.json"))]


def measure_day(
    kind: str, day: FieldDay, budget_s: float, seeds: Iterable[int], engines: dict[str, Solver], measured: Measured
) -> None:
    """Measure points and travel of one day."""
    values: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for seed in seeds:
        for prefix, find in engines.items():
            if seed > 0 and prefix in UNSEEDED:
                continue
            orders = find(day.problem, budget_s, seed)
            measured.check(day.problem, orders)
            points, travel_h = day.points_and_travel_h(orders)
            values[prefix].append((points, travel_h))
            key = day.name.replace("-", "_") if kind == "field" else "made"
            measured.add(f"{prefix}{key}_points_{budget_s}s", points, f"{day.name} {travel_h:.1f} h")
            measured.add(f"{prefix}{key}_travel_h_{budget_s}s", travel_h, day.name)
    if kind == "made":
        ours = tuple(map(mean, zip(*values.pop(""), strict=True)))
        for prefix, theirs in values.items():
            won = ours < tuple(map(mean, zip(*theirs, strict=True)))
            measured.add(f"made_share_won_against_{prefix.rstrip('_')}", float(won), day.name)


def measure_shanghai(measured: Measured) -> None:
    """Measure the first plan, five seconds and the long run of a day of real pick-ups."""
    problem = shanghai_day(DATA)
    if problem is None:
        print(f"no Shanghai day under {DATA}: not measured", file=sys.stderr)
        return
    arrays = arrays_of_problem(problem)
    begin_s = time.process_time()
    moments: list[float] = []
    search(
        problem,
        SearchOptions(time_limit_s=1.0),
        clock=time.process_time,
        on_improvement=lambda _: moments.append(time.process_time() - begin_s),
    )
    measured.add("shanghai_first_plan_s", moments[0])
    costs = {}
    for budget_s in (5, SHANGHAI_LONG_S):
        orders = run_search(problem, budget_s, 0)
        measured.check(problem, orders)
        costs[budget_s] = plan_of_orders(problem, arrays, orders, "search").cost
    measured.add("shanghai_gap_5s", costs[5] / costs[SHANGHAI_LONG_S] - 1)


def measure_hybrid(measured: Measured) -> None:
    """Measure whether OR-Tools' share of the time pays, on days with a rule for which it has one."""
    rest = DrivingRest(max_driving_s=5_400, duration_s=900)
    days = [make_field_day(workers, visits, seed).problem for workers, visits, seed in _DAYS_WITH_RESTS]
    days = [replace(day, workers=tuple(replace(one, driving_rest=rest) for one in day.workers)) for day in days]
    solve(days.pop(0), SolveOptions(time_limit_s=600, work_limit=2000))
    for seed, problem in enumerate(days):
        costs = [
            solve(problem, SolveOptions(time_limit_s=HYBRID_S, seed=seed, engine=engine)).cost
            for engine in (Engine.HYBRID, Engine.SEARCH)
        ]
        measured.add("hybrid_cost_ratio", costs[0] / costs[1], f"day {seed}")


def measure_cancel(measured: Measured) -> None:
    """Measure from asking for a stop to the plan, on a thousand visits and on a day with lunch breaks."""
    for problem in (make_vrptw("R2", 1000, 1).problem(), make_field_day(60, 1000, 1).problem):
        stop = threading.Event()
        asked_s: list[float] = []

        def ask(stop: threading.Event = stop, asked_s: list[float] = asked_s) -> None:
            asked_s.append(time.monotonic())
            stop.set()

        timer = threading.Timer(3.0, ask)
        timer.start()
        solve(problem, SolveOptions(time_limit_s=60), should_stop=stop.is_set)
        measured.add("_cancel_s", time.monotonic() - asked_s[0])
    measured.add("cancel_s", max(measured.values("_cancel_s")))


if __name__ == "__main__":
    main()
