"""Tracks in the forms in which devices and apps write them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from server.cli.track_files import read_track, unix_ms
from server.errors import InvalidRequestError

GPX = """<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="60.17" lon="24.94"><ele>3</ele><time>2026-09-15T06:00:00Z</time></trkpt>
</trkseg><trkseg>
<trkpt lat="60.18" lon="24.95"><time>2026-09-15T06:00:05Z</time><speed>1.5</speed></trkpt>
</trkseg></trk></gpx>"""
LINE = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[24.94, 60.17], [24.95, 60.18, 3.0]]},
    "properties": {"times": ["2026-09-15T06:00:00Z", "2026-09-15T09:00:05+03:00"]},
}
POINTS = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": xy}, "properties": {"time": time}}
        for xy, time in (([24.94, 60.17], 1_789_452_000), ([24.95, 60.18], 1_789_452_005_000))
    ],
}
FILES = {
    "track.gpx": GPX,
    "line.geojson": json.dumps(LINE),
    "points.geojson": json.dumps(POINTS),
    "track.csv": "t_s,lon,lat\n1789452000,24.94,60.17\n1789452005,24.95,60.18\n",
    "track.json": json.dumps(
        [{"time": 1_789_452_000, "lat": 60.17, "lon": 24.94}, {"time": 1_789_452_005, "lat": 60.18, "lon": 24.95}]
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_of_track_gives_the_same_points(tmp_path: Path, name: str) -> None:
    """GPX, GeoJSON lines and points, CSV and JSON with the same content give the same track."""
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    track = read_track(tmp_path / name)
    assert track.time_ms.tolist() == [1_789_452_000_000, 1_789_452_005_000]
    assert track.latitude_degrees.tolist() == [60.17, 60.18]
    assert track.longitude_degrees.tolist() == [24.94, 24.95]
    assert math.isnan(track.accuracy_m[0])
    assert track.speed_mps[1] == 1.5 or name != "track.gpx"


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("0", 0),
        ("1789452000.5", 1_789_452_000_500),
        ("1789452000500", 1_789_452_000_500),
        ("2026-09-15T14:00:00+08:00", 1_789_452_000_000),
        ("2026-09-15 06:00:00.250Z", 1_789_452_000_250),
    ],
)
def test_times_are_read_in_the_units_that_files_use(text: str, expected_ms: int) -> None:
    """Seconds, milliseconds and ISO 8601 give the same moment."""
    assert unix_ms(text) == expected_ms


@pytest.mark.parametrize(
    ("name", "content", "messages"),
    [
        (
            "track.csv",
            "time,lat,lon\n2026-09-15T06:00:00,60.1,24.9\n,60.1,east\n",
            [
                (
                    "row 2 of track.csv, time: must be ISO 8601 with a zone, or Unix seconds or milliseconds "
                    "(got '2026-09-15T06:00:00')"
                ),
                "row 3 of track.csv, longitude_degrees: must be a number (got 'east')",
                "row 3 of track.csv, time: is missing",
            ],
        ),
        ("track.gpx", "<gpx><trk>", ["track.gpx: is not GPX: line 1 is not XML"]),
        ("track.gpx", "<gpx></gpx>", ["track.gpx: holds no track points"]),
        ("track.gpx", '<gpx><trkpt lat="1" lon="2"/></gpx>', ["track.gpx, trkpt 1, time: is missing"]),
        ("track.geojson", "{}", ["track.geojson: must be a GeoJSON Feature or FeatureCollection"]),
        (
            "track.geojson",
            json.dumps({**LINE, "properties": {"times": [1]}}),
            ["track.geojson, features[0].properties.times: must name one time per position (got 1 for 2)"],
        ),
        (
            "track.geojson",
            json.dumps({**LINE, "geometry": {"type": "LineString", "coordinates": [[1], [2, 3]]}}),
            ["track.geojson, features[0].geometry.coordinates[0], latitude_degrees: is missing"],
        ),
    ],
)
def test_what_is_wrong_with_a_track_file_is_listed_with_its_place(
    tmp_path: Path, name: str, content: str, messages: list[str]
) -> None:
    """Every point that cannot be read is named by its row, its number or its path."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidRequestError) as caught:
        read_track(tmp_path / name)
    assert [f"{violation.field}: {violation.description}" for violation in caught.value.violations] == messages
