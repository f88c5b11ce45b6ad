"""Runs on real data: what `docs/real-data.md` shows, held to what must be true of it whatever the figures."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.real_data_runs import (
    KUBICKA_TRACKS,
    TRIPS,
    match_porto,
    measure_one_kubicka,
    plan_shanghai,
)
from tests.real_data import real_data_path


def test_a_real_courier_day_in_shanghai_is_planned(tmp_path: Path) -> None:
    """Of 228 pick-ups in GCJ-02, all but a few are planned, each once, and the rest stands with its reason."""
    plan_shanghai(real_data_path("lade").parent, tmp_path)
    with (tmp_path / "shanghai-plan.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    planned = [row["visit_id"] for row in rows if row["worker_id"]]
    left_out = [row for row in rows if not row["worker_id"]]
    assert len({row["visit_id"] for row in rows}) == len(rows) == 228
    assert len(planned) >= 222
    assert all(row["not_planned_because"] for row in left_out)


def test_ten_taxi_trips_are_matched_on_the_roads_of_porto(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each trip gets a mileage of its own."""
    match_porto(real_data_path("porto-taxi").parent, tmp_path)
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("trip-")]
    assert len(lines) == TRIPS
    assert all(float(line[3]) > 1.0 for line in lines)


@pytest.mark.parametrize("number", KUBICKA_TRACKS)
def test_a_recorded_mileage_is_near_the_true_length(tmp_path: Path, number: str) -> None:
    """No mileage of ten recordings from all over the world is more than 5 % from the length of the true route."""
    measured = measure_one_kubicka(
        real_data_path("kubicka", f"000000{number}.track.csv").with_suffix("").with_suffix(""), tmp_path
    )
    assert abs(measured.error) < 0.05
