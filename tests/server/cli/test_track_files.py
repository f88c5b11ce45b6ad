"""Tracks in the forms in which devices and apps write them."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.cli.track_files import read_daily_tracks, read_track
from server.cli.track_points import unix_ms
from server.errors import InvalidRequestError
from tests.server.cli.fit_writing import fit_file

GPX = """<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="60.17" lon="24.94"><ele>3</ele><time>2026-09-15T06:00:00Z</time></trkpt>
</trkseg><trkseg>
<trkpt lat="60.18" lon="24.95"><time>2026-09-15T06:00:05Z</time><speed>1.5</speed></trkpt>
</trkseg></trk></gpx>"""
LINE: dict[str, Any] = {
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
RECORDS = {
    "locations": [
        {"latitudeE7": 601700000, "longitudeE7": 249400000, "timestamp": "2026-09-15T06:00:00Z"},
        {"timestamp": "2026-09-15T06:00:01Z"},
        {"latitudeE7": 601800000, "longitudeE7": 249500000, "timestampMs": "1789452005000", "velocity": 2},
    ]
}
HISTORY = {
    "timelineObjects": [
        {
            "activitySegment": {
                "startLocation": {"latitudeE7": 601700000, "longitudeE7": 249400000},
                "endLocation": {"latitudeE7": 601800000, "longitudeE7": 249500000},
                "duration": {"startTimestamp": "2026-09-15T06:00:00Z", "endTimestamp": "2026-09-15T06:00:05Z"},
            }
        }
    ]
}
ANDROID = {
    "semanticSegments": [
        {
            "startTime": "2026-09-15T09:00:00+03:00",
            "endTime": "2026-09-15T11:00:00+03:00",
            "timelinePath": [{"point": "60.1700000°, 24.9400000°", "time": "2026-09-15T09:00:00.000+03:00"}],
        }
    ],
    "rawSignals": [
        {"position": {"LatLng": "60.1800000°, 24.9500000°", "timestamp": "2026-09-15T06:00:05Z"}},
        {"wifiScan": {}},
    ],
}
IOS = [
    {
        "startTime": "2026-09-15T06:00:00Z",
        "endTime": "2026-09-15T06:00:05Z",
        "activity": {"start": "geo:60.170000,24.940000", "end": "geo:60.180000,24.950000"},
    }
]
KML = """<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>
<Placemark><gx:Track><when>2026-09-15T06:00:00Z</when><when>2026-09-15T06:00:03Z</when>
<gx:coord>24.94 60.17 3</gx:coord><gx:coord></gx:coord></gx:Track></Placemark>
<Placemark><Point><coordinates>24.95,60.18,0</coordinates></Point>
<TimeStamp><when>2026-09-15T09:00:05+03:00</when></TimeStamp></Placemark>
<Placemark><Point><coordinates>24.96,60.19</coordinates></Point></Placemark></Document></kml>"""
TCX = """<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Track>
<Trackpoint><Time>2026-09-15T06:00:00Z</Time><Position><LatitudeDegrees>60.17</LatitudeDegrees>
<LongitudeDegrees>24.94</LongitudeDegrees></Position></Trackpoint>
<Trackpoint><Time>2026-09-15T06:00:03Z</Time><HeartRateBpm><Value>90</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-09-15T06:00:05Z</Time><Position><LatitudeDegrees>60.18</LatitudeDegrees>
<LongitudeDegrees>24.95</LongitudeDegrees></Position><Extensions>
<ns3:TPX xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><ns3:Speed>1.5</ns3:Speed></ns3:TPX>
</Extensions></Trackpoint></Track></TrainingCenterDatabase>"""


def zip_file(entries: Mapping[str, str]) -> bytes:
    """An archive of some text files."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return content.getvalue()


def flipped_zip() -> bytes:
    """An archive in which one bit of the packed content is wrong."""
    content = bytearray(zip_file({"Records.json": json.dumps(RECORDS)}))
    content[60] ^= 1
    return bytes(content)


def locked_zip() -> bytes:
    """An archive that says that its content is encrypted."""
    content = bytearray(zip_file({"Records.json": json.dumps(RECORDS)}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


FILES: dict[str, str | bytes] = {
    "track.kml": KML,
    "track.kmz": zip_file({"files/picture.png": "", "doc.kml": KML}),
    "track.tcx": TCX,
    "takeout.zip": zip_file(
        {
            "Takeout/Location History/Records.json": json.dumps(RECORDS),
            "Takeout/Location History/Settings.json": "{}",
            "Takeout/Location History/2026/2026_SEPTEMBER.json": json.dumps(HISTORY).replace("60170", "60990"),
        }
    ),
    "months.zip": zip_file({"2026_SEPTEMBER.json": json.dumps(HISTORY)}),
    "Records.json": json.dumps(RECORDS),
    "2026_SEPTEMBER.json": json.dumps(HISTORY),
    "Timeline.json": json.dumps(ANDROID),
    "location-history.json": json.dumps(IOS),
    "track.gpx": GPX,
    "line.geojson": json.dumps(LINE),
    "lines.geojson": json.dumps(
        {
            **LINE,
            "geometry": {"type": "MultiLineString", "coordinates": [[xy] for xy in LINE["geometry"]["coordinates"]]},
            "properties": {"coordinateProperties": {"times": [[time] for time in LINE["properties"]["times"]]}},
        }
    ),
    "points.geojson": json.dumps(POINTS),
    "track.csv": "t_s,lon,lat\n1789452000,24.94,60.17\n1789452005,24.95,60.18\n",
    "track.json": json.dumps(
        [{"time": 1_789_452_000, "lat": 60.17, "lon": 24.94}, {"time": 1_789_452_005, "lat": 60.18, "lon": 24.95}]
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_of_track_gives_the_same_points(tmp_path: Path, name: str) -> None:
    """GPX, KML, TCX, GeoJSON, tables and location histories with the same content give the same track."""
    content = FILES[name]
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    track = read_track(tmp_path / name)
    assert track.time_ms.tolist() == [1_789_452_000_000, 1_789_452_005_000]
    assert track.latitude_degrees.tolist() == [60.17, 60.18]
    assert track.longitude_degrees.tolist() == [24.94, 24.95]
    assert math.isnan(track.accuracy_m[0])
    assert track.speed_mps[1] == 1.5 or name not in {"track.gpx", "track.tcx"}


def test_records_of_a_fit_file_become_points(tmp_path: Path) -> None:
    """Each record with a position is a point with its accuracy and speed; one without a fix is none."""
    path = tmp_path / "ride.fit"
    path.write_bytes(fit_file([(1_789_452_000, 60.17, -24.94, 4, 7.5), (1_789_452_001, None, None, 255, 7.5)] * 2))
    track = read_track(path)
    assert track.time_ms.tolist() == [1_789_452_000_000] * 2
    assert track.latitude_degrees == pytest.approx([60.17] * 2, abs=1e-7)
    assert track.longitude_degrees == pytest.approx([-24.94] * 2, abs=1e-7)
    assert (track.accuracy_m.tolist(), track.speed_mps.tolist()) == ([4.0] * 2, [7.5] * 2)


@pytest.mark.parametrize("damage", [b"", b"hello", b"cut", b"flipped"])
def test_a_damaged_fit_file_is_refused(tmp_path: Path, damage: bytes) -> None:
    """What is no FIT file, ends early or has another checksum is refused as a whole."""
    whole = fit_file([(1_789_452_000, 60.17, 24.94, 4, 7.5)])
    contents = {b"cut": whole[:-5], b"flipped": whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]}
    path = tmp_path / "ride.fit"
    path.write_bytes(contents.get(damage, damage))
    with pytest.raises(InvalidRequestError) as caught:
        read_track(path)
    (violation,) = caught.value.violations
    assert violation.field == "ride.fit"
    assert violation.description in {"is not a FIT file, or is damaged", "holds no track points"}


def test_a_history_of_years_becomes_one_track_per_day(tmp_path: Path) -> None:
    """Days begin at midnight of the zone; other files hold one track, however long."""
    (tmp_path / "Records.json").write_text(
        json.dumps(
            {
                "locations": [
                    {"latitudeE7": 1, "longitudeE7": 2, "timestamp": f"2026-09-{day}T20:00:00Z"} for day in (15, 16, 16)
                ]
            }
        )
    )
    days = read_daily_tracks(tmp_path / "Records.json", ZoneInfo("Asia/Shanghai"))
    assert list(days) == ["Records.json 2026-09-16", "Records.json 2026-09-17"]
    (tmp_path / "long.csv").write_text("t_s,lat,lon\n0,1,2\n1000000,1,2\n")
    assert list(read_daily_tracks(tmp_path / "long.csv", ZoneInfo("UTC"))) == ["long.csv"]


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
                "row 3 of track.csv, longitude_degrees: must be a number of degrees such as 31.2304",
                "row 3 of track.csv, time: is missing",
            ],
        ),
        ("track.gpx", "<gpx><trk>", ["track.gpx: is not GPX: line 1 is not XML"]),
        ("track.gpx", "<gpx></gpx>", ["track.gpx: holds no track points"]),
        ("track.gpx", '<gpx><trkpt lat="1" lon="2"/></gpx>', ["track.gpx, trkpt 1, time: is missing"]),
        (
            "Timeline.json",
            json.dumps(
                {
                    "semanticSegments": [
                        {"timelinePath": [{"point": "north", "time": "2026-09-15T06:00:00Z"}]},
                        {"activity": {"start": {"latLng": "1°, 2°"}}},
                    ],
                    "rawSignals": [{"position": {"LatLng": "1°, 2°", "accuracyMeters": "good", "timestamp": "now"}}],
                }
            ),
            [
                "Timeline.json, rawSignals[0].position.accuracyMeters: must be a number",
                (
                    "Timeline.json, semanticSegments[0].timelinePath[0].point: must be two degrees such as "
                    "60.17°, 24.94° or geo:60.17,24.94"
                ),
                "Timeline.json, semanticSegments[1].startTime: is missing",
            ],
        ),
        (
            "Timeline.json",
            json.dumps(
                {
                    "semanticSegments": [
                        {
                            "startTime": "9999-12-31T23:59:00-14:00",
                            "timelinePath": [
                                {"point": "1°, 2°", "time": "0001-01-01T00:00:00+14:00"},
                                {"point": "1°, 2°", "durationMinutesOffsetFromStartTime": 1e306},
                                {"point": "1°, 2°", "durationMinutesOffsetFromStartTime": 1},
                            ],
                        }
                    ]
                }
            ),
            [
                (
                    "Timeline.json, semanticSegments[0].timelinePath[0].time: must be ISO 8601 with a zone, "
                    "or Unix milliseconds"
                ),
            ],
        ),
        (
            "track.nmea",
            "",
            [
                (
                    "track.nmea: must end in one of .csv, .tsv, .txt, .xlsx, .json, .gpx, .geojson, .kml, .kmz, .tcx, "
                    ".fit, .zip (got '.nmea')"
                )
            ],
        ),
        ("track.kml", "<kml/>", ["track.kml: holds no track points"]),
        (
            "track.kml",
            "<kml><Track><when>1</when></Track><Track><when>2010</when><coord>1</coord></Track></kml>",
            [
                "track.kml, Track 1: must have as many when as coord (got 1 and 0)",
                "track.kml, Track 2, coord 1, latitude_degrees: is missing",
            ],
        ),
        (
            "line.kml",
            "<kml><Placemark><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark></kml>",
            ["line.kml: holds lines without times: a track is a gx:Track, or Points with a TimeStamp"],
        ),
        ("track.kmz", "PK", ["track.kmz: is not a ZIP archive, or is damaged"]),
        ("track.kmz", zip_file({"kml.txt": KML}), ["track.kmz: holds no .kml file"]),
        ("ride.tcx", "<a", ["ride.tcx: is not TCX: line 1 is not XML"]),
        (
            "ride.tcx",
            "<Trackpoint/>",
            ["ride.tcx: holds no track points"],
        ),
        (
            "ride.tcx",
            "<a><Trackpoint><Position/></Trackpoint></a>",
            [
                "ride.tcx, Trackpoint 1, latitude_degrees: is missing",
                "ride.tcx, Trackpoint 1, longitude_degrees: is missing",
                "ride.tcx, Trackpoint 1, time: is missing",
            ],
        ),
        (
            "takeout.zip",
            zip_file({"Takeout/Settings.json": "{}", "Takeout/mail.mbox": ""}),
            [
                (
                    "takeout.zip: holds no location history: no Records.json, Timeline.json or month of a Semantic "
                    "Location History"
                )
            ],
        ),
        (
            "takeout.zip",
            zip_file({"a/Records.json": json.dumps({"locations": [{"latitudeE7": 1, "longitudeE7": 2}]})}),
            ["takeout.zip, a/Records.json, locations[0].timestamp: is missing"],
        ),
        (
            "takeout.zip",
            zip_file({"Records.json": "{"}),
            [("takeout.zip, Records.json: is not JSON: Expecting property name enclosed in double quotes in line 1")],
        ),
        (
            "takeout.zip",
            zip_file({"Records.json": json.dumps(RECORDS)})[:-30],
            ["takeout.zip: is not a ZIP archive, or is damaged"],
        ),
        ("takeout.zip", flipped_zip(), ["takeout.zip: is not a ZIP archive, or is damaged"]),
        ("takeout.zip", locked_zip(), ["takeout.zip: is locked by a password, or packed in a way that cannot be read"]),
        (
            "track.gpx",
            '<?xml version="1.0" encoding="klingon"?><gpx/>',
            ["track.gpx: is not GPX: its encoding is not known"],
        ),
        (
            "track.gpx",
            '<!DOCTYPE gpx [<!ENTITY file SYSTEM "file:///etc/hostname">]><gpx><trkpt>&file;</trkpt></gpx>',
            ["track.gpx: is not GPX: line 1 is not XML"],
        ),
        ("track.xlsx", "PK", ["track.xlsx: is not an XLSX workbook, or is damaged"]),
        (
            "track.json",
            "[" * 100_000,
            ["track.json: is JSON beyond what can be read: nested too deeply, or a number too long"],
        ),
        (
            "track.geojson",
            json.dumps({"type": "FeatureCollection", "features": 1}),
            ["track.geojson: holds no track points"],
        ),
        (
            "track.geojson",
            json.dumps({"type": "Feature", "geometry": "LineString", "properties": []}),
            ["track.geojson: holds no track points"],
        ),
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
    tmp_path: Path, name: str, content: str | bytes, messages: list[str]
) -> None:
    """Every point that cannot be read is named by its row, its number or its path."""
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InvalidRequestError) as caught:
        read_track(tmp_path / name)
    assert [f"{violation.field}: {violation.description}" for violation in caught.value.violations] == messages
