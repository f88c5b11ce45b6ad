"""Asks OSRM, inside the Python that has its bindings: run by `benchmarks.osrm_engine`, imports nothing of this project.

::

    python osrm_child.py ways  MAP.osrm PLACES.npy ANSWERS.jsonl
    python osrm_child.py times MAP.osrm PLACES.npy ANSWERS.jsonl SIZE PAIRS

``PLACES.npy`` is ``(2, n, 2)``: longitude and latitude in degrees of ``n`` origins and ``n`` destinations. ``ways``
answers one JSON line for each pair: seconds, metres, the OSM nodes along the way, and the seconds between them; or
null. ``times`` answers one line: milliseconds of a table ``SIZE`` x ``SIZE`` with durations, and with distances too,
and microseconds of a single way without and with its geometry; CPU times of this process, the best of three.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import osrm  # type: ignore[import-not-found]  # of another Python

REPETITIONS = 3
PROGRESS = 1000


def main() -> None:
    """Answer what the command line asks."""
    job, network, places_file, answers_file, *numbers = sys.argv[1:]
    engine = osrm.OSRM(
        storage_config=network, algorithm="CH", use_shared_memory=False, max_locations_distance_table=1_000_000
    )
    places = np.load(places_file).tolist()
    with open(answers_file, "w", encoding="utf-8") as answers:  # noqa: PTH123 - plain Python of any project
        if job == "ways":
            for number, pair in enumerate(zip(*places, strict=True)):
                if number % PROGRESS == 0:
                    print(f"OSRM: {number} ways", file=sys.stderr, flush=True)
                answers.write(json.dumps(way(engine, pair)) + "\n")
        else:
            answers.write(json.dumps(times(engine, places, *map(int, numbers))))


def way(engine: osrm.OSRM, pair: tuple[list[float], list[float]]) -> dict[str, object] | None:
    """Find one way."""
    asked = osrm.RouteParameters(
        coordinates=[tuple(place) for place in pair],
        annotations=["nodes", "duration"],
        overview="false",
        generate_hints=False,
    )
    try:
        (route,) = engine.Route(asked)["routes"]
    except RuntimeError:  # there is no way
        return None
    steps = route["legs"][0]["annotation"]
    return {
        "duration_s": float(route["duration"]),
        "length_m": float(route["distance"]),
        "nodes": [int(node) for node in steps["nodes"]],
        "step_s": [float(duration) for duration in steps["duration"]],
    }


def times(engine: osrm.OSRM, places: list[list[list[float]]], size: int, pairs: int) -> dict[str, float]:
    """Measure tables and single ways."""
    origins, destinations = ([tuple(place) for place in side] for side in places)

    def table(annotations: list[str]) -> None:
        engine.Table(
            osrm.TableParameters(
                coordinates=origins[:size] + destinations[:size],
                sources=list(range(size)),
                destinations=list(range(size, 2 * size)),
                annotations=annotations,
                generate_hints=False,
            )
        )

    def ways(overview: str) -> None:
        for pair in zip(origins[:pairs], destinations[:pairs], strict=True):
            engine.Route(osrm.RouteParameters(coordinates=list(pair), overview=overview, generate_hints=False))

    return {
        "table_ms": 1e3 * fastest_s(lambda: table(["duration"])),
        "table_with_distances_ms": 1e3 * fastest_s(lambda: table(["duration", "distance"])),
        "way_us": 1e6 / max(pairs, 1) * fastest_s(lambda: ways("false")),
        "way_with_geometry_us": 1e6 / max(pairs, 1) * fastest_s(lambda: ways("full")),
    }


def fastest_s(action) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001 - no import for a type alone
    """CPU seconds of the fastest run."""
    seconds = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
