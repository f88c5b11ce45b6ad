"""The whole loop through the command line: plan, drive, audit, report."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from server.demo.movement import Movement
from server.demo.places import HELSINKI_FILE
from server.demo.receiver import Receiver
from tests.server.cli.running import PLAN_OPTIONS, SAMPLE, run


def drive(plan_file: Path, worker: str, track_file: Path) -> list[str]:
    """Write the track of a worker who keeps to a plan's times, but leaves out the last stop; return all its visits."""
    with plan_file.open(encoding="utf-8-sig") as lines:
        stops = [row for row in csv.DictReader(lines) if row["worker_id"] == worker]
    movement = Movement()
    for stop in stops[:-1]:
        place = float(stop["latitude_degrees"]), float(stop["longitude_degrees"])
        arrival_s, departure_s = (datetime.fromisoformat(stop[name]).timestamp() for name in ("start", "departure"))
        movement.time_s += [arrival_s, departure_s]
        movement.latitude_degrees += [place[0]] * 2
        movement.longitude_degrees += [place[1]] * 2
    movement.stay(3600.0)
    track = Receiver().record(movement, np.random.default_rng(1))
    with track_file.open("w", encoding="utf-8") as file:
        file.write("time,lat,lon,accuracy_m\n")
        columns = track.time_ms, track.latitude_degrees, track.longitude_degrees, track.accuracy_m
        file.writelines(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))
    return [stop["visit_id"] for stop in stops]


def test_a_day_is_planned_driven_and_audited(tmp_path: Path) -> None:
    """The audit of a driven plan finds the visits that were made and the one that was not, in every form."""
    session = ["--data", str(tmp_path / "data")]
    assert run("roads", "import", HELSINKI_FILE, "--id", "helsinki", *session).exit_code == 0
    tables = ["--visits", SAMPLE / "visits.csv", "--workers", SAMPLE / "workers.csv"]
    planned = run("plan", *tables, *PLAN_OPTIONS, *session, "--json", "-o", tmp_path / "plan.csv")
    plan_id = json.loads(planned.stdout)["id"]
    visits = drive(tmp_path / "plan.csv", "aino", tmp_path / "track.csv")
    files = {form: tmp_path / f"audit.{form}" for form in ("json", "csv", "geojson", "html")}
    outputs = [part for file in files.values() for part in ("-o", file)]
    asked = ["--plan", plan_id, "--worker", "aino", "--track", tmp_path / "track.csv", "--claimed-km", "500"]
    result = run("audit", *asked, *session, *outputs)
    assert result.exit_code == 0, result.stderr
    assert "above the measured interval" in result.stdout
    with files["csv"].open(encoding="utf-8-sig") as lines:
        verdicts = {row["visit_id"]: row["verdict"] for row in csv.DictReader(lines) if row["visit_id"]}
    assert list(verdicts) == visits
    assert sum(verdict == "visited" for verdict in verdicts.values()) >= len(visits) - 3
    assert verdicts[visits[-1]] in {"missed", "cannot_tell"}
    audit = json.loads(files["json"].read_text(encoding="utf-8"))
    assert (audit["worker_id"], audit["plan_id"]) == ("aino", plan_id)
    assert ">Eero<" not in files["html"].read_text(encoding="utf-8")
    assert json.loads(files["geojson"].read_text(encoding="utf-8"))["features"]
    alone = run("audit", "--worker", "x", "--track", tmp_path / "track.csv", "--network", "helsinki", *session)
    assert alone.exit_code == 0, alone.stderr
    assert "Driven" in alone.stdout


def test_the_demo_ends_with_a_report_that_says_what_is_simulated(tmp_path: Path) -> None:
    """The demo plans most visits, measures each day near its truth, and labels every report as simulated."""
    reports = tmp_path / "reports"
    result = run("demo", "--work-limit", "2000", "--data", tmp_path / "data", "--reports", reports, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["simulated"] is True
    assert answer["planned_visits"] > 5 * answer["unplanned_visits"]
    for worker in answer["workers"]:
        if any("recorded nothing" in event for event in worker["events"]):
            # Where nobody looked, the ways may have been longer; what is claimed for them is not held against anybody.
            assert worker["measured_m"] < 1.12 * worker["simulated_m"]
            assert worker["claim"] == "within_interval"
        else:
            assert worker["measured_m"] == pytest.approx(worker["simulated_m"], rel=0.12)
        assert "Simulated" in (reports / f"{worker['worker_id']}.html").read_text(encoding="utf-8")
    padded = [worker["claim"] for worker in answer["workers"] if "claimed 50% too much" in worker["events"]]
    assert padded == ["above_interval"]
    team = Path(answer["report"]).read_text(encoding="utf-8")
    assert "Simulated" in team
    assert all(name in team for name in ("Aino", "Eero"))
