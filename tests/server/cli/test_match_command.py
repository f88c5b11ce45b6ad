"""``odograph match`` on odd tracks and odd names: what it prints and writes can be read back and believed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from server.cli.track_files import read_track
from server.errors import InvalidRequestError
from tests.server.cli.running import run
from tests.server.town import crossing, write_school_street

START_S = 1_789_452_000


def written(path: Path, places: list[tuple[float, float]], *, step_s: int = 5) -> Path:
    """A CSV file of places, one each `step_s` seconds."""
    path.parent.mkdir(exist_ok=True)
    lines = [f"{START_S + step_s * number},{lat:.6f},{lon:.6f}" for number, (lat, lon) in enumerate(places)]
    path.write_text("\n".join(["time,lat,lon", *lines]), encoding="utf-8")
    return path


def along(row: float, start: float, stop: float, steps: int = 24) -> list[tuple[float, float]]:
    """A way along a street of the town, from column to column."""
    return [crossing(column, row) for column in np.linspace(start, stop, steps)]


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """Options that name the imported town."""
    folder = tmp_path_factory.mktemp("roads")
    write_school_street(folder / "town.osm")
    data = folder / "data"
    assert run("roads", "import", folder / "town.osm", "--id", "town", "--data", data).exit_code == 0
    return ["--roads", "town", "--data", data]


def test_a_name_with_brackets_is_shown_as_it_is(roads: list[str | Path], tmp_path: Path) -> None:
    """Brackets and colons in the name of a file are no markup of the terminal."""
    track = written(tmp_path / "a [bold] :smile: [x].csv", along(0, 0, 2))
    result = run("match", track, *roads)
    assert result.exit_code == 0
    assert "a [bold] :smile: [x].csv" in result.stdout


def test_files_of_one_name_are_told_apart_by_their_folders_and_added_up(
    roads: list[str | Path], tmp_path: Path
) -> None:
    """Each worker's folder may hold a track.csv; the last line is the sum."""
    tracks = [written(tmp_path / worker / "track.csv", along(0, 0, 2)) for worker in ("anna", "bo")]
    matches = json.loads(run("match", *tracks, *roads, "--json").stdout)["matches"]
    assert [match["label"] for match in matches] == [str(track) for track in tracks]
    lines = run("match", *tracks, *roads).stdout.splitlines()
    (total,) = [line for line in lines if line.startswith("2 tracks")]
    assert f"{sum(match['mileage']['total_meters'] for match in matches) / 1000:.2f} km" in total


def test_what_the_map_forbids_is_listed(roads: list[str | Path], tmp_path: Path) -> None:
    """A one-way street against its direction stands in the table, the report and the messages."""
    track, report = written(tmp_path / "wrong.csv", along(1, 4, 1)), tmp_path / "wrong.html"
    result = run("match", track, *roads, "-o", report)
    assert "against a one-way road" in result.stdout
    assert "Street 1 (way 101)" in result.stdout
    assert "Street 1 (way 101)" in report.read_text(encoding="utf-8")
    (match,) = json.loads(run("match", track, *roads, "--json").stdout)["matches"]
    assert [passage["kind"] for passage in match["forbidden_passages"]] == ["KIND_AGAINST_ONE_WAY"]


@pytest.mark.parametrize(("zone", "is_listed"), [("Europe/Paris", True), ("Europe/Helsinki", False)])
def test_a_street_that_is_shut_at_times_is_judged_by_the_named_clocks(
    roads: list[str | Path], tmp_path: Path, zone: str, *, is_listed: bool
) -> None:
    """At six UTC the school street is shut in Paris and open in Helsinki: in tables, messages, and without a plan."""
    track, clocks = written(tmp_path / "school.csv", along(2, 0.1, 3.9)), ("--time-zone", zone)
    assert ("Street 2 (way 102)" in run("match", track, *roads, *clocks).stdout) is is_listed
    (match,) = json.loads(run("match", track, *roads, *clocks, "--json").stdout)["matches"]
    of_day = ("--worker", "w", "--track", track, "--network", "town", *roads[2:])
    audit = json.loads(run("audit", *of_day, *clocks, "--json").stdout)
    for each in (match, audit["match"]):
        kinds = [passage["kind"] for passage in each.get("forbidden_passages", ())]
        assert kinds == ["KIND_NO_ACCESS"] * is_listed


def test_a_track_beyond_the_map_says_so_also_in_its_report(roads: list[str | Path], tmp_path: Path) -> None:
    """Who chose the wrong road network is not left with kilometres off the road."""
    track, report = (
        written(tmp_path / "far.csv", [(-33.0 + step * 1e-4, 151.0) for step in range(40)]),
        tmp_path / "o.html",
    )
    sentence = "40 of 40 points lie beyond the map of road network"
    result = run("match", track, *roads, "-o", report)
    assert f"note: far.csv, --roads: {sentence}" in " ".join(result.stdout.split())
    assert sentence in report.read_text(encoding="utf-8")


def test_the_lines_of_a_match_can_be_read_as_tracks(roads: list[str | Path], tmp_path: Path) -> None:
    """The GeoJSON of a match has a time for each place, so that it is a track again, of the same time and length."""
    track, lines = written(tmp_path / "trip.csv", along(0, 0, 3) + along(3, 3, 0)), tmp_path / "lines.geojson"
    assert run("match", track, *roads, "-o", lines).exit_code == 0
    again = read_track(lines)
    assert (again.time_ms[0], again.time_ms[-1]) == (START_S * 1000, (START_S + 47 * 5) * 1000)
    assert (np.diff(again.time_ms) >= 0).all()


def test_an_audit_takes_a_track_as_the_device_recorded_it(roads: list[str | Path], tmp_path: Path) -> None:
    """A repeated second and a point out of order cost these points, in an audit as in a match, and the CSV says why."""
    track, points = written(tmp_path / "day.csv", along(0, 0, 3)), tmp_path / "points.csv"
    rows = track.read_text(encoding="utf-8").splitlines()
    rows[5], rows[9] = rows[4], rows[9].replace(str(START_S + 8 * 5), str(START_S - 60))
    track.write_text("\n".join(rows), encoding="utf-8")
    assert run("match", track, *roads, "-o", points).exit_code == 0
    with points.open(encoding="utf-8-sig") as lines:
        reasons = [row["drop_reason"] for row in csv.DictReader(lines)]
    assert [(number, reason) for number, reason in enumerate(reasons) if reason] == [
        (4, "duplicate_time"),
        (8, "out_of_order"),
    ]
    result = run("audit", "--worker", "w", "--track", track, "--network", "town", *roads[2:])
    assert result.exit_code == 0, result.stderr
    assert "Driven 0.6" in result.stdout


def test_a_rule_that_every_row_breaks_is_not_said_for_every_row(tmp_path: Path) -> None:
    """Of each rule the first five rows are named, then how many more; one rule hides no other."""
    rows = [f"2026-09-15 06:00:{second:02},60,east" for second in range(50)]
    (tmp_path / "local.csv").write_text("\n".join(["time,lat,lon", *rows]))
    with pytest.raises(InvalidRequestError) as caught:
        read_track(tmp_path / "local.csv")
    fields = [violation.field for violation in caught.value.violations]
    assert len(fields) == 12
    assert fields[-2:] == ["local.csv, longitude_degrees", "local.csv, time"]
    assert {violation.description.partition("(")[2] for violation in caught.value.violations[-2:]} == {"45 more)"}


def test_what_phones_write_for_unknown_is_unknown(tmp_path: Path) -> None:
    """An accuracy, speed or bearing of -1, and a bearing that is none, are left out; what is given stays."""
    lines = ["time,lat,lon,accuracy,speed,bearing", "1,60,24,-1,-1,-1", "2,60,24,5,0,360", "3,60,24,5,0,361"]
    (tmp_path / "phone.csv").write_text("\n".join(lines))
    track = read_track(tmp_path / "phone.csv")
    np.testing.assert_array_equal(track.accuracy_m, [np.nan, 5.0, 5.0])
    np.testing.assert_array_equal(track.speed_mps, [np.nan, 0.0, 0.0])
    np.testing.assert_array_equal(track.bearing_degrees, [np.nan, 360.0, np.nan])
