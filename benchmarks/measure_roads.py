"""Measures the road engine: import, start-up, matrices beside routingkit-cch, single routes, new speeds, exactness.

Each step runs in a process of its own. The first one finds no compiled kernels, as after an installation, and leaves
them to the others. Run it from the project's folder, on an otherwise idle machine::

    python -m benchmarks.measure_roads [--quick] [--json]

Porto, profile car, turn restrictions and turn costs on, one thread. Keys:

* ``import_s``: from starting the interpreter to the first answers (a route and a small matrix) out of an ``.osm.pbf``,
  kernels compiled on the way, those of queries in a second process meanwhile; ``import_peak_mb`` the largest memory of
  both. ``import_warm_s``: again, kernels on disk.
* ``reopen_ms``: from a folder to network, places and router; ``first_answer_warm_s``: from starting the interpreter to
  the first answer out of a stored network.
* ``reweight_s``: a router for new speeds of every road.
* ``matrix_1000_ms``, ``matrix_3000_ms``: durations and distances between seeded junctions; ``…_ratio`` to the durations
  that routingkit-cch finds between the same junctions, one after the other in this run (on the graph of junctions
  without any turn; ``peer_…``).
* ``one_to_one_us``: duration and distance of a pair; ``one_to_one_geometry_us``: with path, way ids and geometry.
* ``one_to_many_ms``: from one place to 10,000, ``one_to_many_{10,5,2}min_ms`` with a cut-off; ``one_to_many_wrong``:
  answers with a cut-off that differ from those without, farther places left out.
* ``osrm_…``: OSRM's tables, with durations alone and with distances, and its single ways, between the places of the
  same junctions in this run; ``matrix_…_osrm_ratio`` of ours to them, from places too (``…_with_snapping_ms``). Left
  out where ``ODOGRAPH_PEERS_PYTHON`` names no Python that has ``osrm-bindings``.
* ``pairs_checked``, ``pairs_wrong``, ``conditional_…``: see `benchmarks.road_exactness`.

With ``--quick`` every bar is measured, times once and fewer pairs; what is no bar is left out, as the output says.

Times of computing are CPU times of the process, the best of some repetitions, so that other work on the machine
disturbs them less; ``import_s`` and ``first_answer_warm_s`` are wall times, beside ``import_cpu_s`` (and
``import_beside_cpu_s``, of the second process) and ``first_answer_cpu_s``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.osrm_engine import VARIABLE, Osrm

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--map", type=Path, help="OSM file (default: the Porto extract of the data folder)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and pairs")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--step", choices=("import", "open", "answers", "osrm", "exactness"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    file = options.map or DATA / "extracts" / "porto_portugal.osm.pbf"
    if options.step:
        print(json.dumps(step_results(options.step, file, options.folder, quick=options.quick)))
        return
    if not file.is_file():
        sys.exit(f"there is no {file.name} in {file.parent}: set ODOGRAPH_DATA, or give --map")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(file, Path(folder), quick=options.quick)
    for key, value in results.items():
        print(f"{key:28} {value}")
    if options.json:
        print(json.dumps(results))


def measure(file: Path, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Everything that this script measures, by its key."""
    results = run_step("import", file, folder, quick=quick)
    if not quick:
        warm = run_step("import", file, folder, quick=quick)
        results |= {f"import_warm_{unit}": warm[f"import_{unit}"] for unit in ("s", "cpu_s", "beside_cpu_s")}
        opened = run_step("open", file, folder, quick=quick)
        results |= {"first_answer_warm_s": opened["first_answer_s"], "first_answer_cpu_s": opened["first_answer_cpu_s"]}
    results |= run_step("answers", file, folder, quick=quick)
    if quick:
        say("left out with --quick: OSRM, first answers out of a store, one to many, snapping, exactness on Porto")
    elif Osrm.python_with_bindings() is None:
        say(f"OSRM: left out, since {VARIABLE} names no Python that has osrm-bindings")
    else:
        results |= run_step("osrm", file, folder, quick=quick)
    results |= run_step("exactness", file, folder, quick=quick)
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in results.items()}


def run_step(step: str, file: Path, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Run one step in a fresh process that shares the kernels of the steps before it."""
    say(f"{step} …")
    command = [sys.executable, "-m", "benchmarks.measure_roads", "--step", step]
    command += ["--map", str(file), "--folder", str(folder), *(["--quick"] if quick else [])]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "kernels")}
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=PROJECT) as process:  # noqa: S603 - this very script
        assert process.stdout is not None
        line = process.stdout.readline()
        wall_s = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"step {step} failed")
    results = dict(json.loads(line))
    if step in {"import", "open"}:
        results["import_s" if step == "import" else "first_answer_s"] = wall_s
    return results


def say(text: str) -> None:
    """Show progress, apart from the results."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def step_results(step: str, file: Path, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Do one step, in this process."""
    # Loading what computes is part of what some steps measure, and nothing for the process that starts them.
    if step == "exactness":
        from benchmarks.road_exactness import check_pairs  # noqa: PLC0415

        return dict(check_pairs(folder / "network", DATA, quick=quick, on_progress=say))
    from benchmarks import road_measures  # noqa: PLC0415

    if step == "import":
        return road_measures.first_import(file, folder)
    if step == "open":
        return road_measures.first_answer(folder)
    if step == "osrm":
        python = Osrm.python_with_bindings()
        assert python is not None
        return road_measures.measure_osrm(file, folder, python, on_progress=say)
    return road_measures.measure_answers(folder, quick=quick, on_progress=say)


if __name__ == "__main__":
    main()
