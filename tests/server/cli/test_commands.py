"""The commands as a stranger runs them: answers on stdout, sentences on stderr, exit codes for scripts."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner

from geo.coordinates import CoordinateSystem
from geo.roads.network import RoadClass
from server.cli.failures import OdographGroup
from server.cli.track_files import read_daily_tracks
from server.demo.places import HELSINKI_FILE
from server.settings import Settings
from server.storage.records import TrackRecord
from server.storage.store import open_store
from server.storage.track_codec import PointColumns
from tests.real_data import real_data_path
from tests.server.cli.running import PLAN_OPTIONS, SAMPLE, run

TRACK = "time,lat,lon\n" + "\n".join(
    f"{1_789_452_000 + 10 * step},{60.16895 + step * 1e-6:.6f},{24.9390 + step * 2e-4:.6f}" for step in range(40)
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the roads of Helsinki."""
    folder = tmp_path_factory.mktemp("data")
    result = run("roads", "import", HELSINKI_FILE, "--id", "helsinki", "--data", folder)
    assert result.exit_code == 0, result.stderr
    return folder


def test_an_import_is_listed_afterwards(data: Path) -> None:
    """A network that was imported is in the list, which in JSON is the message of the API."""
    answer = json.loads(run("roads", "list", "--data", data, "--json").stdout)
    (network,) = answer["road_networks"]
    assert (network["id"], network["profile"], network["source"]) == ("helsinki", "car", HELSINKI_FILE.name)
    assert "helsinki" in run("roads", "list", "--data", data).stdout


def test_a_plan_is_printed_kept_and_written_in_every_form(data: Path, tmp_path: Path) -> None:
    """The sample tables become a plan; its JSON, CSV, GeoJSON and HTML tell of the same stops."""
    files = {form: tmp_path / f"plan.{form}" for form in ("json", "csv", "geojson", "html")}
    outputs = [part for file in files.values() for part in ("-o", file)]
    result = run(
        "plan",
        "--visits",
        SAMPLE / "visits.csv",
        "--workers",
        SAMPLE / "workers.csv",
        *PLAN_OPTIONS,
        "--data",
        data,
        *outputs,
    )
    assert result.exit_code == 0, result.stderr
    plan = json.loads(files["json"].read_text(encoding="utf-8"))
    assert plan["id"] in result.stdout
    stops = {stop["visit_id"] for route in plan["routes"] for stop in route.get("stops", ())}
    with files["csv"].open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["visit_id"] for row in rows if not row["not_planned_because"]} == stops
    assert len(rows) == 14
    features = json.loads(files["geojson"].read_text(encoding="utf-8"))["features"]
    points = [feature for feature in features if feature["geometry"]["type"] == "Point"]
    assert {point["properties"]["visit"] for point in points} == stops
    assert "Café Aalto" in files["html"].read_text(encoding="utf-8")


def test_matches_are_printed_and_written_in_every_form(data: Path, tmp_path: Path) -> None:
    """A track becomes a line of mileage; its CSV has one row per recorded point."""
    track = tmp_path / "track.csv"
    track.write_text(TRACK, encoding="utf-8")
    files = {form: tmp_path / f"match.{form}" for form in ("json", "csv", "geojson", "html")}
    outputs = [part for file in files.values() for part in ("-o", file)]
    result = run("match", track, "--roads", "helsinki", "--data", data, *outputs)
    assert result.exit_code == 0, result.stderr
    assert "track.csv" in result.stdout
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    (match,) = document["matches"]
    mileage = match["mileage"]
    assert mileage["low_meters"] < mileage["total_meters"] < mileage["high_meters"]
    assert sum(leg["total_meters"] for leg in mileage["legs"]) == pytest.approx(mileage["total_meters"])
    report = files["html"].read_text(encoding="utf-8")
    assert "track.csv" in report
    assert "Deviations" not in report
    with files["csv"].open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(match["points"]["states"]) == 40
    nodes = list(map(str, match["points"]["osm_from_node_ids"]))
    assert [row["osm_from_node_id"] or "0" for row in rows] == nodes
    assert any(float(row["edge_offset_m"] or 0) > 0 for row in rows)
    features = json.loads(files["geojson"].read_text(encoding="utf-8"))["features"]
    matched_m = sum(feature["properties"]["length_m"] or 0 for feature in features)
    assert matched_m == pytest.approx(
        match["matched_distance_meters"] + match.get("off_road_distance_meters", 0), abs=1
    )


def test_many_tracks_are_measured_on_several_cores_as_one_by_one(data: Path, tmp_path: Path) -> None:
    """Files shared out to processes give the same answers in the same order; roads may be a map file."""
    for number in range(16):
        (tmp_path / f"{number:02}.csv").write_text(TRACK, encoding="utf-8")
    tracks = sorted(tmp_path.glob("*.csv"))
    many = json.loads(run("match", *tracks, "--roads", HELSINKI_FILE, "--data", data, "--json").stdout)
    (one,) = json.loads(run("match", tracks[0], "--roads", "helsinki", "--data", data, "--json").stdout)["matches"]
    assert [match["label"] for match in many["matches"]] == [track.name for track in tracks]
    assert [match["mileage"] for match in many["matches"]] == [one["mileage"]] * len(tracks)


def test_everything_wrong_with_any_file_is_listed(data: Path, tmp_path: Path) -> None:
    """One broken file does not hide the faults of the next."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("time,lat,lon\nyesterday,60,24\n", encoding="utf-8")
    result = run("match", tmp_path / "a.csv", tmp_path / "b.csv", "--roads", "helsinki", "--data", data)
    assert result.exit_code == 2
    assert "row 2 of a.csv, time" in result.stderr
    assert "row 2 of b.csv, time" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (["match", "{track}", "--network", "nowhere"], 3, "error: there is no road network 'nowhere'"),
        (["match", "{track}", "--roads", "x", "-o", "m.pdf"], 2, "must end in one of .json, .csv, .geojson, .html"),
        (["match", "{track}", "--network", "x", "-o", "no/m.csv"], 2, "its folder does not exist"),
        (["match", "{broken}", "--roads", "helsinki"], 2, "row 2 of broken.csv, time: must be ISO 8601"),
        (["match", "{track}", "--roads", "{truncated}"], 2, "--roads: cut.osm.pbf is not a whole OSM file"),
        (["match", "{track}", "--roads", "no.osm.pbf"], 3, "there is no map file 'no.osm.pbf'"),
        (["match", "missing.csv", "--network", "x"], 2, "'missing.csv' does not exist"),
        (["roads", "import", "{truncated}"], 2, "source_file: cut.osm.pbf is not a whole OSM file"),
        (["roads", "import", "{track}"], 2, "source_file: must end with one of .osm.pbf"),
        (
            ["roads", "import", "{truncated}", "--id", "No Good"],
            2,
            "road_network_id: must be 1 to 63 lower-case letters",
        ),
        (
            ["plan", "--visits", "{track}", "--workers", "{track}", "--network", "x"],
            2,
            "track.csv, id: there is no such",
        ),
        (["plan", "--time-zone", "Moon"], 2, "'Moon' is no IANA time zone"),
        (["serve", "--port", "-1"], 2, "'--port'"),
        (["fly"], 2, "No such command 'fly'"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence(
    data: Path, tmp_path: Path, arguments: list[str], exit_code: int, sentence: str
) -> None:
    """Each kind of bad input has its exit code and a sentence that names the field; nothing is on stdout."""
    files = {"track": tmp_path / "track.csv", "broken": tmp_path / "broken.csv", "truncated": tmp_path / "cut.osm.pbf"}
    files["track"].write_text(TRACK, encoding="utf-8")
    files["broken"].write_text("time,lat,lon\nyesterday,60,24\n", encoding="utf-8")
    files["truncated"].write_bytes(HELSINKI_FILE.read_bytes()[:5000])
    named = [argument.format(**files) for argument in arguments]
    session = ["--data", str(data)] if arguments[0] in {"match", "plan"} or arguments[1:2] == ["import"] else []
    result = run(*named, *session)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_errors_of_a_request_name_the_row_of_the_table(data: Path, tmp_path: Path) -> None:
    """What planning refuses is named by its place in the caller's table, all of it at once, in JSON where asked for."""
    visits = tmp_path / "visits.csv"
    visits.write_text("id,lat,lon,time_windows\na,60.17,24.94,\na,24.94,60.17,12:00-11:00\n", encoding="utf-8")
    result = run(
        "plan", "--visits", visits, "--workers", SAMPLE / "workers.csv", *PLAN_OPTIONS, "--data", data, "--json"
    )
    assert result.exit_code == 2
    fields = [violation["field"] for violation in json.loads(result.stderr)["error"]["violations"]]
    assert len(fields) >= 2
    assert all("(row 3 of visits.csv)" in field for field in fields)


def test_both_tables_are_read_before_anything_is_refused(data: Path, tmp_path: Path) -> None:
    """What cannot be read in the table of workers is said together with what cannot be read in that of visits."""
    visits, workers = tmp_path / "visits.csv", tmp_path / "workers.csv"
    visits.write_text("id,lat,lon\na,north,24.94\n", encoding="utf-8")
    workers.write_text("id,shift\n,9-17\n", encoding="utf-8")
    result = run("plan", "--visits", visits, "--workers", workers, *PLAN_OPTIONS, "--data", data)
    assert result.exit_code == 2
    assert [line.split(":")[1].strip() for line in result.stderr.splitlines()] == [
        "row 2 of visits.csv, latitude_degrees",
        "row 2 of workers.csv, id",
        "row 2 of workers.csv, shift",
    ]


def test_a_cell_that_cannot_be_read_hides_nothing_in_other_rows(data: Path, tmp_path: Path) -> None:
    """Row 2 is spoiled by a cell, row 3 lies on the moon, row 4 repeats an id: all three are said, and nothing more."""
    visits, workers = tmp_path / "visits.csv", tmp_path / "workers.csv"
    visits.write_text("id,lat,lon,priority\na,60.17,24.94,high\nb,0.5,24.94,\nb,60.17,24.94,9\n", encoding="utf-8")
    workers.write_text("id,shift\nw,9-17\nx,17:00-09:00\n", encoding="utf-8")
    result = run("plan", "--visits", visits, "--workers", workers, *PLAN_OPTIONS, "--data", data)
    assert result.exit_code == 2
    assert sorted(line.split(": ")[1] for line in result.stderr.splitlines()) == [
        "problem.visits[1].position (row 3 of visits.csv)",
        "problem.visits[2].id (row 4 of visits.csv)",
        "problem.visits[2].priority (row 4 of visits.csv)",
        "problem.workers[1].shift (row 3 of workers.csv)",
        "row 2 of visits.csv, priority",
        "row 2 of workers.csv, shift",
    ]


def test_a_track_of_one_point_has_no_distance(data: Path, tmp_path: Path) -> None:
    """Nothing is told of a way that cannot be measured but that, and why."""
    track = tmp_path / "one.csv"
    track.write_text("time,lat,lon\n2026-09-15T08:00:00Z,60.17,24.94\n", encoding="utf-8")
    result = run("match", track, "--roads", "helsinki", "--data", data)
    assert result.exit_code == 0
    assert "note: one.csv: no distance can be told: it takes at least two believable points" in result.stdout
    assert " to " not in result.stdout.splitlines()[1]


def test_an_audit_says_everything_that_is_wrong_and_where(data: Path, tmp_path: Path) -> None:
    """Cells that cannot be read hide no option, and points that are refused are counted in their file."""
    broken, early = tmp_path / "broken.csv", tmp_path / "early.csv"
    broken.write_text("time,lat,lon\nyesterday,60,24\n", encoding="utf-8")
    early.write_text("time,lat,lon\n100,60.17,24.94\n-100,60.17,24.94\n", encoding="utf-8")
    options = ["--network", "nowhere", "--data", data]
    result = run("audit", "--worker", "w", "--track", broken, "--claimed-km", "-3", *options)
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "row 2 of broken.csv, time",
        "claimed_distance_meters (--claimed-km)",
        "road_network (--network)",
    ]
    result = run("audit", "--worker", "w", "--track", early, *options)
    assert "points.unix_milliseconds[1] (point 2 of early.csv): must lie between" in result.stderr


def test_an_interrupted_command_has_an_exit_code_of_its_own() -> None:
    """Ctrl-C ends a command with 130, as shells expect, and without a stack trace."""

    @click.group(cls=OdographGroup)
    def group() -> None:
        """Hold one command."""

    @group.command()
    def wait() -> None:
        """Be interrupted at once."""
        raise KeyboardInterrupt

    result = CliRunner().invoke(group, ["wait"])
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_a_fault_nobody_foresaw_is_one_sentence_without_its_own_words() -> None:
    """A fault of the program ends in a sentence that says how to find it; what it says itself may hold coordinates."""

    @click.group(cls=OdographGroup)
    def group() -> None:
        """Hold one command."""

    @group.command()
    @click.option("--json", "as_json", is_flag=True)
    @click.pass_context
    def stumble(ctx: click.Context, *, as_json: bool) -> None:
        """Meet a fault."""
        ctx.meta["as_json"] = as_json
        message = "60.1689"
        raise KeyError(message)

    result = CliRunner().invoke(group, ["stumble"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "KeyError" in result.stderr
    assert "ODOGRAPH_DEBUG=1" in result.stderr
    assert "60.1689" not in result.stderr
    as_json = CliRunner().invoke(group, ["stumble", "--json"])
    assert (as_json.exit_code, as_json.stdout) == (1, "")
    sentence = result.stderr.removeprefix("error: ").strip()
    assert json.loads(as_json.stderr) == {
        "error": {"exit_code": 1, "violations": [{"field": "", "code": "", "description": sentence}]}
    }


def test_a_label_nobody_could_read_is_refused(data: Path) -> None:
    """The name of a plan has a limit, as it has in the API."""
    label = ["--label", "x" * 1001, "--data", data]
    result = run("plan", "--visits", SAMPLE / "visits.csv", "--workers", SAMPLE / "workers.csv", *PLAN_OPTIONS, *label)
    assert result.exit_code == 2
    assert "error: --label: must have at most 1,000 characters (got 1,001)" in result.stderr


def test_an_unknown_place_of_an_output_stops_before_any_work(data: Path, tmp_path: Path) -> None:
    """A file that cannot be written is found before the search, and no plan is kept."""
    result = run(
        "plan",
        "--visits",
        SAMPLE / "visits.csv",
        "--workers",
        SAMPLE / "workers.csv",
        *PLAN_OPTIONS,
        "--data",
        data,
        "-o",
        tmp_path / "no" / "plan.csv",
    )
    assert result.exit_code == 2
    assert "its folder does not exist" in result.stderr


def test_real_points_in_another_coordinate_system_are_named(data: Path, tmp_path: Path) -> None:
    """Phones of real couriers that record GCJ-02 are never silently matched as WGS-84, and raise no doubt as GCJ-02."""
    rows = csv.DictReader(real_data_path("lade", "shanghai_centre_dev.csv").read_text().splitlines())
    points = [(row["pickup_gps_lat"], row["pickup_gps_lng"]) for row in rows if row["pickup_gps_lat"]]
    track = tmp_path / "couriers.csv"
    lines = (f"{1_789_452_000 + 600 * number},{lat},{lon}" for number, (lat, lon) in enumerate(points))
    track.write_text("\n".join(["time,lat,lon", *lines]), encoding="utf-8")
    roads = real_data_path("extracts", "shanghai-centre.osm.pbf")
    result = run("match", track, "--roads", roads, "--data", data, "--json")
    (notice,) = json.loads(result.stdout)["matches"][0]["notices"]
    assert notice["code"] == "CODE_COORDINATE_SYSTEM_DOUBTFUL"
    assert "look like GCJ-02, not WGS-84" in notice["description"]
    declared = run("match", track, "--roads", roads, "--coordinates", "gcj02", "--data", data, "--json")
    assert "notices" not in json.loads(declared.stdout)["matches"][0]


def test_speeds_learnt_from_tracks_are_used_by_a_plan(data: Path, tmp_path: Path) -> None:
    """Tracks become a file of speeds, which a plan for a time of the day takes; without that time it is refused."""
    for day in range(3):
        points = [line.split(",") for line in TRACK.splitlines()[1:]]
        # Backwards, as the street is one-way.
        rows = [
            f"{int(time) + 86_400 * day},{lat},{lon}"
            for (time, *_), (_, lat, lon) in zip(points, points[::-1], strict=True)
        ]
        (tmp_path / f"{day}.csv").write_text("\n".join(["time,lat,lon", *rows]), encoding="utf-8")
    tracks, speeds = [tmp_path / f"{day}.csv" for day in range(3)], tmp_path / "speeds.json"
    arguments = ("--roads", "helsinki", "--data", data, "--time-zone", "Europe/Helsinki")
    learnt = run("roads", "learn-speeds", *tracks, *arguments, "-o", speeds)
    assert learnt.exit_code == 0, learnt.stderr
    assert "learnt from 3 tracks" in learnt.stdout
    classes = json.loads(speeds.read_text(encoding="utf-8"))["classes"]
    assert {len(each["factors"]) for each in classes} == {168}
    _store_tracks(data, tracks)
    again = run("roads", "learn-speeds", "--stored", *arguments, "--json")
    assert json.loads(again.stdout)["classes"] == classes
    assert "--stored" in run("roads", "learn-speeds", *arguments).stderr

    tables = ("--visits", SAMPLE / "visits.csv", "--workers", SAMPLE / "workers.csv", *PLAN_OPTIONS, "--data", data)
    slow = tmp_path / "slow.json"
    every_class = [{"road_class": each.name.lower(), "factors": [0.5]} for each in RoadClass]
    slow.write_text(json.dumps({"classes": every_class}), encoding="utf-8")
    travel_s = []
    for file in (speeds, slow):
        planned = run("plan", *tables, "--departure", "08:00", "--speeds", file, "--json")
        assert planned.exit_code == 0, planned.stderr
        travel_s.append(float(json.loads(planned.stdout)["totals"]["travel_duration"].rstrip("s")))
    assert travel_s[1] > 1.5 * travel_s[0]
    assert "--departure" in run("plan", *tables, "--speeds", speeds).stderr
    slow.write_text('{"classes": [{"road_class": "boulevard"}]}', encoding="utf-8")
    refused = run("plan", *tables, "--departure", "08:00", "--speeds", slow).stderr
    assert "slow.json.classes[0].road_class" in refused
    assert "slow.json.classes[0].factors" in refused
    slow.write_text("nothing", encoding="utf-8")
    assert "is no JSON such as" in run("plan", *tables, "--departure", "08:00", "--speeds", slow).stderr


def _store_tracks(data: Path, files: Sequence[Path]) -> None:
    """Keep track files as if a device had sent them, one a day."""
    with closing(open_store(replace(Settings(), data_folder=data).effective_database_url)) as store:
        for file in files:
            ((_, track),) = read_daily_tracks(file, ZoneInfo("Europe/Helsinki")).items()
            record = TrackRecord(
                worker_id="anna",
                day=f"2026-09-{15 + int(file.stem)}",
                coordinate_system=CoordinateSystem.WGS84.value,
                create_ms=0,
                update_ms=0,
                working_hours=(),
                last_ms=int(track.time_ms[-1]),
                outside_count=0,
                point_count=len(track),
                points=PointColumns(**vars(track)),
            )
            store.tracks.change(record.worker_id, record.day, lambda _, record=record: record)
