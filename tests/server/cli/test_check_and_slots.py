"""``odograph check`` and ``odograph slots`` as a dispatcher runs them."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.cli.failures import BROKEN_PLAN
from server.cli.route_table import read_routes
from server.demo.places import HELSINKI_FILE
from server.errors import InvalidRequestError
from tests.server.cli.running import PLAN_OPTIONS, SAMPLE, run

NEW_VISIT = "id,name,latitude_degrees,longitude_degrees,duration_minutes,time_windows,unserved_cost\n"


@dataclass(frozen=True)
class Kept:
    """A plan of the sample tables that is kept: the data folder, the plan as JSON, and its rows."""

    data: Path
    plan: dict[str, Any]
    rows: list[dict[str, str]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Plan the sample day."""
    folder = tmp_path_factory.mktemp("kept")
    data, table = folder / "data", folder / "plan.csv"
    assert run("roads", "import", HELSINKI_FILE, "--id", "helsinki", "--data", data).exit_code == 0
    tables = ("--visits", SAMPLE / "visits.csv", "--workers", SAMPLE / "workers.csv")
    plan = json.loads(run("plan", *tables, *PLAN_OPTIONS, "--data", data, "--json", "-o", table).stdout)
    with table.open(encoding="utf-8-sig") as lines:
        return Kept(data, plan, list(csv.DictReader(lines)))


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def test_a_plan_as_it_is_kept_breaks_nothing(kept: Kept, tmp_path: Path) -> None:
    """Checked as it is, and by its own table, the plan costs what it cost, and every rule is kept."""
    table = written(tmp_path / "plan.csv", kept.rows)
    for options in ([], ["--routes", table]):
        result = run("check", kept.plan["id"], *options, "--data", kept.data, "--json")
        assert result.exit_code == 0, result.stderr
        answer = json.loads(result.stdout)
        assert "violations" not in answer
        assert answer["plan"]["cost"] == kept.plan["cost"]
    shown = run("check", kept.plan["id"], "--data", kept.data).stdout
    assert "every rule is kept" in shown
    assert "cost_per_hour" in shown


def test_routes_that_break_rules_are_told_and_priced(kept: Kept, tmp_path: Path) -> None:
    """All visits turned over to Eero, who has not the skill for some: the broken rules by worker and visit, code 4."""
    rows = [{**row, "worker_id": "eero", "position": ""} for row in kept.rows if row["visit_id"]]
    result = run("check", kept.plan["id"], "--routes", written(tmp_path / "e.csv", rows), "--data", kept.data)
    assert result.exit_code == BROKEN_PLAN
    assert "lacks coffee-machines" in result.stdout
    assert f"{len(rows)} of {len(rows)} visits" in result.stdout


def test_what_is_unknown_is_named_by_its_row(kept: Kept, tmp_path: Path) -> None:
    """A worker and a visit that the plan does not know, and a plan that is not there."""
    rows = [dict.fromkeys(kept.rows[0], "") | {"worker_id": "aino", "visit_id": "nowhere"}]
    rows += [dict.fromkeys(kept.rows[0], "") | {"worker_id": "nobody", "visit_id": kept.rows[0]["visit_id"]}]
    table = written(tmp_path / "odd.csv", rows)
    result = run("check", kept.plan["id"], "--routes", table, "--data", kept.data)
    assert result.exit_code == 2
    assert "row 2 of odd.csv: there is no visit 'nowhere'" in result.stderr
    assert "row 3 of odd.csv: there is no worker 'nobody'" in result.stderr
    assert run("check", "no-plan", "--data", kept.data).exit_code == 3


def test_rows_and_positions_must_tell_one_order(tmp_path: Path) -> None:
    """A row that was moved keeps its old number: refused, unless the cell is emptied. Each shift is a route."""
    table = tmp_path / "moved.csv"
    table.write_text("worker_id,shift,position,visit_id\na,,2,v2\na,,1,v1\na,2,1,v3\n", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match="1 comes after position 2"):
        read_routes(table)
    table.write_text("worker_id,shift,position,visit_id\na,,2,v2\na,,,v1\na,2,1,v3\n,,,v4\na,,,\n", encoding="utf-8")
    routes = [(one.worker_id, one.shift_number, one.visit_ids) for one in read_routes(table).routes]
    assert routes == [("a", 0, ("v2", "v1")), ("a", 1, ("v3",))]


def test_new_visits_get_their_cheapest_places(kept: Kept, tmp_path: Path) -> None:
    """At most so many places each, the cheapest first; a visit with a window outside all shifts has none."""
    table = tmp_path / "new.csv"
    table.write_text(
        NEW_VISIT + "near,Nearby,60.1690,24.9430,5,,50\nnight,By night,60.1690,24.9430,5,02:00-03:00,50\n",
        encoding="utf-8",
    )
    options = ("--visits", table, "--max-slots", "3", "--data", kept.data)
    near, night = json.loads(run("slots", kept.plan["id"], *options, "--json").stdout)["visits"]
    assert (near["visit_id"], len(near["slots"])) == ("near", 3)
    costs = [slot["added_cost"] for slot in near["slots"]]
    assert costs == sorted(costs)
    assert "slots" not in night
    shown = run("slots", kept.plan["id"], *options).stdout
    assert near["slots"][0]["worker_id"] in shown
    assert "fits on no route" in shown


def test_new_visits_that_cannot_be_read_are_all_named(kept: Kept, tmp_path: Path) -> None:
    """A cell that cannot be read, a visit off the map and an id that is taken: each by its row."""
    table = tmp_path / "new.csv"
    taken = kept.rows[0]["visit_id"]
    table.write_text(
        NEW_VISIT + f"a,,60.1690,24.9430,many,,\nb,,61.5,24.9430,5,,\n{taken},,60.1690,24.9430,5,,\n", encoding="utf-8"
    )
    result = run("slots", kept.plan["id"], "--visits", table, "--data", kept.data)
    assert result.exit_code == 2
    for row in ("row 2 of new.csv, duration_minutes", "row 3 of new.csv", "row 4 of new.csv"):
        assert row in result.stderr
