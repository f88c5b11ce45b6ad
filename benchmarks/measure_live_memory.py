"""Measures what a service needs to follow 100,000 workers live: the memory of that many states of the online matcher.

Ten given drives over Porto are followed; of each, the largest state on its way is taken, and copied until there is one
per worker. The memory is what the process grew by (resident set), so it holds what objects and arrays cost beside the
numbers in them. Each rate is measured in a fresh process, since memory that was freed before would be used again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks import matching_data as data
from geo.matching.map_matcher import MapMatcher
from geo.matching.online_matcher import OnlineMatcher, WorkerState
from geo.tracks.track import Track

WORKERS = 100_000
DRIVES = 10
NOISE_M = 5
PART = 25
"""Points that come in at once."""


def largest_state(online: OnlineMatcher, drive: Track) -> WorkerState:
    """Follow a drive, and return the state on its way that takes the most memory."""
    largest = state = WorkerState.fresh()
    for start in range(0, len(drive), PART):
        part = Track(**{name: column[start : start + PART] for name, column in vars(drive).items()})
        state, _ = online.push(state, part)
        largest = max(largest, state, key=lambda each: each.size_bytes)
    return largest


def workers_mb(rate_s: int) -> float:
    """Return the megabytes that the states of all workers take at a fix each `rate_s` seconds."""
    online = OnlineMatcher(MapMatcher(data.porto_network()))
    largest = [largest_state(online, drive.track) for drive in data.porto_drives(rate_s, NOISE_M)[:DRIVES]]
    before = _resident_bytes()
    states = {f"worker-{number}": _copy(largest[number % len(largest)]) for number in range(WORKERS)}
    return (_resident_bytes() - before) / 1e6 * WORKERS / len(states)


def _copy(state: WorkerState) -> WorkerState:
    """Copy a state with its arrays, as if it belonged to another worker."""
    columns = tuple(column.copy() for column in state.columns)
    return WorkerState(state.time_ms.copy(), columns, state.settled_ms, state.waiting, replace(state.receiver))


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one rate")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    options = parser.parse_args()
    if not data.data_folder().exists():
        sys.exit(f"{data.data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    rates_s = data.PORTO_RATES_S[:1] if options.quick else data.PORTO_RATES_S
    measures = {}
    for rate_s in track(rates_s, description="following", console=Console(stderr=True), transient=True):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measures[f"live_100000_workers_mb_{rate_s}s"] = pool.apply(workers_mb, (rate_s,))
    for key, megabytes in measures.items():
        print(f"{key:32} {megabytes:8,.0f} MB, {megabytes * 1e6 / WORKERS:8,.0f} bytes a worker")
    if options.json:
        print(json.dumps({key: round(value, 1) for key, value in measures.items()}))


if __name__ == "__main__":
    main()
