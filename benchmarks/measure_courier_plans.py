"""Measures plans with pickups and deliveries against VROOM, on the same matrix and for the same time.

Command line
    python -m benchmarks.measure_courier_plans [--quick] [--json] [--seconds S]

Made-up days of couriers (`benchmarks.instances.courier_days`) without breaks. Both engines run on one thread, one after
the other: ours as the service plans by default, in wall seconds, VROOM in as many CPU seconds of the process, so that
other work on the machine is to our disadvantage. The independent checker recomputes our plans.

Keys: ``courier_cost_ratio_{deliveries}`` mean over days of our cost to VROOM's, below 1 where ours are better;
``courier_share_won`` of all days; ``courier_left_out`` and ``vroom_left_out`` visits on all days.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from statistics import mean
from typing import Final

from benchmarks.instances.courier_days import make_courier_day
from benchmarks.planning_peers import run_vroom_with_deliveries
from optimizer.insertion.insertion import Orders, route_value, unplanned_visits
from optimizer.options import SolveOptions
from optimizer.problem import Problem
from optimizer.problem_arrays import arrays_of_problem
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.solve import solve

SIZES: Final[tuple[tuple[int, int], ...]] = ((5, 30), (8, 60), (12, 100), (25, 200))
SEEDS = range(10, 13)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the two smaller sizes, one day each, for 3 s")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    sizes, seeds, budget_s = SIZES, SEEDS, options.seconds
    if options.quick:
        sizes, seeds, budget_s = SIZES[:2], SEEDS[:1], 3.0
    solve(make_courier_day(2, 6, 0), SolveOptions(time_limit_s=600, work_limit=500))
    ratios: dict[int, list[float]] = defaultdict(list)
    left_out = {"courier_left_out": 0, "vroom_left_out": 0}
    for workers, deliveries in sizes:
        for seed in seeds:
            problem = make_courier_day(workers, deliveries, seed)
            plan = solve(problem, SolveOptions(time_limit_s=budget_s, seed=seed))
            theirs = run_vroom_with_deliveries(problem, budget_s)
            cost = priced(problem, theirs)
            ratios[deliveries].append(plan.cost / cost)
            left_out["courier_left_out"] += len(plan.unplanned)
            left_out["vroom_left_out"] += len(unplanned_visits(problem, theirs))
            print(f"  {deliveries} deliveries, day {seed}: {plan.cost} against {cost}", file=sys.stderr, flush=True)
    results: dict[str, float] = {f"courier_cost_ratio_{size}": round(mean(some), 4) for size, some in ratios.items()}
    every = [ratio for some in ratios.values() for ratio in some]
    results |= {"courier_share_won": round(mean(ratio < 1 for ratio in every), 4), **left_out}
    for key, value in results.items():
        print(f"{key:28} {value:.4f}")
    if options.json:
        print(json.dumps(results))


def priced(problem: Problem, orders: Orders) -> int:
    """Return the cost of routes, with what they leave out."""
    arrays = arrays_of_problem(problem)
    values = [route_value(arrays, worker, order) for worker, order in enumerate(orders)]
    if any(value.verdict != POSSIBLE for value in values):
        message = "the peer's routes break a rule of the problem"
        raise ValueError(message)
    left_out = unplanned_visits(problem, orders)
    return sum(value.cost for value in values) + sum(problem.visits[one].unserved_cost or 0 for one in left_out)


if __name__ == "__main__":
    main()
