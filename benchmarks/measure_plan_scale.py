"""Measures how time and memory of the search grow with the number of visits.

Command line
    python -m benchmarks.measure_plan_scale [--quick] [--json] [--seconds S] [--plot FILE]

Days of a field service (`benchmarks.instances.field_days.make_field_day`), a worker for every sixteen visits, each size
in a process of its own. Keys: ``first_plan_s_{visits}`` CPU seconds from the problem to the first plan,
``iterations_per_s_{visits}`` and ``iteration_us_{visits}``, ``memory_mb_{visits}`` beyond that of the process before it
got the problem, ``peak_mb_{visits}`` of the whole process, ``unplanned_share_{visits}`` after the given seconds;
``{first_plan,iteration,memory}_exponent``: the slope of the logarithms over that of the visits;
``plans_refused_by_checker``. The full run adds the largest day with two minutes: ``peak_mb_5000_120s`` and
``unplanned_share_5000_120s``. ``--plot`` draws the growth as SVG.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.growth_plot import growth_svg
from benchmarks.instances.field_days import make_field_day
from optimizer.insertion.insertion import insert_what_pays
from optimizer.plan_check import check_plan
from optimizer.plan_extraction import plan_of_orders
from optimizer.problem_arrays import arrays_of_problem
from optimizer.search.options import SearchOptions
from optimizer.search.search import search

SIZES = (100, 300, 1000, 2000, 5000)
QUICK_SIZES = (100, 300, 1000)
VISITS_OF_A_WORKER = 16
LONG_S = 120
GROWING = {"first_plan": "first_plan_s", "iteration": "iteration_us", "memory": "memory_mb"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="up to a thousand visits")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seconds", type=float, default=20.0, help="CPU seconds of each search")
    parser.add_argument("--plot", type=Path, help="write the growth to this SVG file")
    parser.add_argument("--one", type=int, help="measure one size in this process and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.seconds)))
        return
    sizes = QUICK_SIZES if options.quick else SIZES
    seconds = 2.0 if options.quick else options.seconds
    rows = [measured_apart(visits, seconds) for visits in sizes]
    results = {f"{key}_{visits}": value for visits, row in zip(sizes, rows, strict=True) for key, value in row.items()}
    exponents = {name: exponent(sizes, [row[key] for row in rows]) for name, key in GROWING.items()}
    results |= {f"{name}_exponent": value for name, value in exponents.items()}
    if not options.quick:
        long = measured_apart(SIZES[-1], LONG_S)
        rows.append(long)
        results |= {f"{key}_{SIZES[-1]}_{LONG_S}s": long[key] for key in ("peak_mb", "unplanned_share")}
    results = {key: value for key, value in results.items() if not key.startswith("refused")}
    results["plans_refused_by_checker"] = sum(row["refused"] for row in rows)
    if options.plot:
        costs = [
            {"visits": float(visits)} | {name: row[key] for name, key in GROWING.items()}
            for visits, row in zip(sizes, rows, strict=False)
        ]
        options.plot.write_text(growth_svg(costs, exponents, size="visits", of="the day"))
    for key, value in results.items():
        print(f"{key:32} {value:10.3f}")
    if options.json:
        print(json.dumps(results))


def measured_apart(visits: int, seconds: float) -> dict[str, float]:
    """Measure one size in a process of its own."""
    print(f"  {visits} visits", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.measure_plan_scale", "--one", str(visits), "--seconds", str(seconds)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ourselves
    row: dict[str, float] = json.loads(lines.splitlines()[-1])
    return row


def measure(visits: int, seconds: float) -> dict[str, float]:
    """Measure one size, kernels compiled before."""
    search(make_field_day(3, 30, 0).problem, SearchOptions(time_limit_s=1e6, work_limit=640))
    before_mb = peak_mb()
    problem = make_field_day(visits // VISITS_OF_A_WORKER, visits, 1).problem
    moments: list[float] = []
    begin_s = time.process_time()
    found = search(
        problem,
        SearchOptions(time_limit_s=seconds),
        clock=time.process_time,
        on_improvement=lambda _: moments.append(time.process_time()),
    )
    searched_mb = peak_mb()
    arrays = arrays_of_problem(problem)
    plan = plan_of_orders(problem, arrays, insert_what_pays(problem, arrays, found.orders), "search")
    search_s = max(1e-3, seconds - (moments[0] - begin_s))
    return {
        "first_plan_s": moments[0] - begin_s,
        "iterations_per_s": found.iterations / search_s,
        "iteration_us": 1e6 * search_s / found.iterations,
        "memory_mb": searched_mb - before_mb,
        "peak_mb": searched_mb,
        "unplanned_share": len(plan.unplanned) / visits,
        "refused": float(bool(check_plan(problem, plan))),
    }


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def exponent(sizes: tuple[int, ...], values: list[float]) -> float:
    """Slope of the logarithm of the values over that of the sizes."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-3)), 1)[0])


if __name__ == "__main__":
    main()
