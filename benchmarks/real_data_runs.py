"""Runs odograph on real data: plans a courier day in Shanghai, imports Porto, measures taxi trips and true routes.

Makes tables of the data folder (``ODOGRAPH_DATA``, by default ``../shared/data``), then calls the command line as a
person would and prints each command with its answer. `docs/real-data.md` shows what it printed::

    python -m benchmarks.real_data_runs FOLDER                 # everything; FOLDER keeps tables and networks
    python -m benchmarks.real_data_runs FOLDER --only kubicka  # one of shanghai, porto, kubicka
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from server.command_line import main as odograph_command

PROJECT = Path(__file__).resolve().parents[1]
COURIERS = 10
TRIPS = 10
TRIP_INTERVAL_S = 15
"""The taxis of Porto recorded one point each quarter of a minute."""
KUBICKA_TRACKS = ("00", "03", "05", "08", "09", "10", "12", "13", "15", "16")
WALKS = {"15"}
SHANGHAI_SNAP_DISTANCE_M = 2000
SHANGHAI_DAY = "2023-06-07"
"""The data name no year; the day is the seventh of June."""


def main() -> None:
    """Make the tables and run the commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder for tables, networks and answers")
    parser.add_argument("--only", choices=sorted(RUNS), help="only this part")
    options = parser.parse_args()
    data = Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, run in RUNS.items():
        if options.only in {None, name}:
            run(data, options.folder)


def plan_shanghai(data: Path, folder: Path) -> None:
    """Plan the 228 pick-ups of a real courier day, whose positions are GCJ-02, for ten workers."""
    write_shanghai_tables(data / "lade" / "shanghai_centre_dev.csv", folder)
    odograph(folder, "roads", "import", data / "extracts" / "shanghai-centre.osm.pbf", "--id", "shanghai")
    tables = ("--visits", folder / "shanghai-visits.csv", "--workers", folder / "shanghai-workers.csv")
    day = ("--day", SHANGHAI_DAY, "--time-zone", "Asia/Shanghai", "--coordinates", "gcj02")
    # The extract has no roads in its north-western corner, where six of the visits are.
    where = ("--network", "shanghai", "--snap-distance", SHANGHAI_SNAP_DISTANCE_M)
    odograph(folder, "plan", *tables, *where, *day, "-o", folder / "shanghai-plan.csv")


def match_porto(data: Path, folder: Path) -> None:
    """Import Porto, and match ten taxi trips that have no truth: the sum of straight lines stands beside each."""
    odograph(folder, "roads", "import", data / "extracts" / "porto_portugal.osm.pbf", "--id", "porto")
    trips = write_porto_trips(data / "porto-taxi" / "train_1000.csv", folder)
    odograph(folder, "match", "--network", "porto", *trips)


def measure_kubicka(data: Path, folder: Path) -> None:
    """Match ten recordings, each on its own map, and print each mileage beside the true length."""
    print(f"{'track':8}{'profile':9}{'measured km':>12}{'true km':>9}{'error %':>9}{'gaps':>6}")
    for number in KUBICKA_TRACKS:
        measured = measure_one_kubicka(data / "kubicka" / f"000000{number}", folder)
        figures = f"{measured.measured_m / 1000:12.2f}{measured.true_m / 1000:9.2f}{100 * measured.error:9.2f}"
        print(f"{number:8}{measured.profile:9}{figures}{measured.gaps:6}", flush=True)


@dataclass(frozen=True)
class MeasuredTrack:
    """Mileage of one recording, the length of its true route, and how many gaps it has."""

    profile: str
    measured_m: float
    true_m: float
    gaps: int

    @property
    def error(self) -> float:
        """Share of the true length by which the mileage is too long."""
        return self.measured_m / self.true_m - 1


def measure_one_kubicka(source: Path, folder: Path) -> MeasuredTrack:
    """Match one recording on its own map."""
    number = source.name[-2:]
    profile = "foot" if number in WALKS else "car"
    network = f"kubicka-{number}"
    road_file, track_file = source.with_suffix(".osm.pbf"), source.with_suffix(".track.csv")
    odograph(folder, "roads", "import", road_file, "--id", network, "--profile", profile, quiet=True)
    answer = json.loads(odograph(folder, "match", "--network", network, track_file, "--json", quiet=True))
    match = answer["matches"][0]
    measured_m = match["matched_distance_meters"] + match.get("off_road_distance_meters", 0.0)
    gaps = sum(segment["kind"] == "KIND_GAP" for segment in match["segments"])
    return MeasuredTrack(profile, measured_m, true_length_m(source.with_suffix(".route.csv")), gaps)


RUNS = {"shanghai": plan_shanghai, "porto": match_porto, "kubicka": measure_kubicka}


def odograph(folder: Path, *arguments: object, quiet: bool = False) -> str:
    """Run one command on the data of a folder, print it with its answer unless it is to be quiet, and return that."""
    words = [str(argument) for argument in arguments]
    # Tables in a pipe are as wide as a narrow terminal unless told otherwise.
    runner = CliRunner(env={"COLUMNS": "120"})
    done = runner.invoke(odograph_command, [*words, "--data", str(folder / "odograph-data")])
    if not quiet or done.exit_code:
        shown = " ".join(shlex.quote(Path(word).name if Path(word).is_absolute() else word) for word in words)
        print(f"$ odograph {shown}\n{done.output}", flush=True)
    if done.exit_code:
        sys.exit(done.exit_code)
    return done.stdout


def write_shanghai_tables(source: Path, folder: Path) -> None:
    """Write the visits as they stand in the data, and ten workers who start where visits are dense."""
    with source.open(newline="") as file:
        orders = list(csv.DictReader(file))
    visits = [
        (order["order_id"], order["lat"], order["lng"], 5, f"{_clock(order, 'start')}-{_clock(order, 'end')}", 200)
        for order in orders
    ]
    write_table(
        folder / "shanghai-visits.csv",
        ("id", "latitude", "longitude", "duration_minutes", "time_windows", "unserved_cost"),
        visits,
    )
    # Every worker starts and ends at one of the stops, at quantiles of the east-west order: one in every quarter.
    by_longitude = sorted(orders, key=lambda order: float(order["lng"]))
    homes = [by_longitude[(2 * number + 1) * len(orders) // (2 * COURIERS)] for number in range(COURIERS)]
    columns = ("id", "shift", "start_latitude", "start_longitude", "end_latitude", "end_longitude", "breaks")
    workers = [
        (f"courier-{number}", "08:00-20:00", *(2 * (home["lat"], home["lng"])), "11:30-13:30/30")
        for number, home in enumerate(homes, start=1)
    ]
    write_table(folder / "shanghai-workers.csv", columns, workers)


def _clock(order: dict[str, str], side: str) -> str:
    return order[f"time_window_{side}"].split()[1][:5]


def write_porto_trips(source: Path, folder: Path) -> list[Path]:
    """Write the first trips of at least a quarter of an hour as one table of points each."""
    paths: list[Path] = []
    with source.open(newline="") as file:
        for trip in csv.DictReader(file):
            line = json.loads(trip["POLYLINE"])
            if len(line) < 15 * 60 // TRIP_INTERVAL_S:
                continue
            start_s = int(trip["TIMESTAMP"])
            paths.append(folder / f"trip-{len(paths) + 1:02}.csv")
            points = (
                (datetime.fromtimestamp(start_s + TRIP_INTERVAL_S * number, UTC).isoformat(), latitude, longitude)
                for number, (longitude, latitude) in enumerate(line)
            )
            write_table(paths[-1], ("time", "latitude", "longitude"), points)
            if len(paths) == TRIPS:
                break
    return paths


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV table."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def true_length_m(route: Path) -> float:
    """Length of a true route: the last cumulative length of its table."""
    with route.open(newline="") as file:
        return float(list(csv.DictReader(file))[-1]["cum_m"])


if __name__ == "__main__":
    main()
