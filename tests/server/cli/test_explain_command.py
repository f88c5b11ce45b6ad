"""``odograph explain`` as a dispatcher runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from server.demo.places import HELSINKI_FILE
from tests.server.cli.running import PLAN_OPTIONS, SAMPLE, run


def test_a_plan_is_explained(tmp_path: Path) -> None:
    """Every visit of a kept plan says why it is there or not; named ones also what it would take of each worker."""
    data, visits = tmp_path / "data", tmp_path / "visits.csv"
    assert run("roads", "import", HELSINKI_FILE, "--id", "helsinki", "--data", data).exit_code == 0
    with (SAMPLE / "visits.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    rows[0]["required_skills"] = "diving"
    with visits.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    tables = ("--visits", visits, "--workers", SAMPLE / "workers.csv")
    plan = json.loads(run("plan", *tables, *PLAN_OPTIONS, "--data", data, "--json").stdout)
    ids = [row["id"] for row in rows]
    answer = json.loads(run("explain", plan["id"], "--data", data, "--json").stdout)
    assert [one["visit_id"] for one in answer["visits"]] == ids
    named = run("explain", plan["id"], ids[0], "--data", data).stdout
    assert "diving" in named
    assert all(worker in named for worker in {route["worker_id"] for route in plan["routes"]})
    assert run("explain", plan["id"], "nobody", "--data", data).exit_code == 2
    assert run("explain", "no-plan", "--data", data).exit_code == 3
