"""Reports of tracks that show little, that last long, or that cross the 180th meridian."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from geo.audit_track import audit_track
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from server.compute.open_networks import OpenNetwork
from server.reports.audited_day import ShownTrack, tracks_report
from server.reports.html_report import html_report
from server.reports.local_plane import LocalPlane
from tests.server.reports.sample_day import START_MS, place, road_map

HOUR_MS = 3_600_000
CENTURY_MS = 100 * 365 * 24 * HOUR_MS


@cache
def opened() -> OpenNetwork:
    """The drawn town, ready to compute on."""
    network = road_map().network
    return OpenNetwork("town", network, Snapper(network), Router.build(network))


def report_of(track: Track, name: str = "odd.csv") -> str:
    """Report of a track that nobody planned."""
    audit = audit_track(track, None, opened().matcher, opened().router)
    return html_report(tracks_report([ShownTrack(name, track, audit)], opened(), time_zone="UTC"))


def at(sign: str, *times_ms: int) -> Track:
    """A track that stands at a drawn place at some times."""
    where = place(sign)
    count = len(times_ms)
    return recorded_track(times_ms, np.full(count, where.latitude_degrees), np.full(count, where.longitude_degrees))


FULL_HOUR_MS = START_MS - START_MS % HOUR_MS
ODD = {
    "one point at a full hour": at("1", FULL_HOUR_MS),
    "one time": at("1", *[START_MS] * 5),
    "one place for hours": at("1", *range(START_MS, START_MS + 2 * HOUR_MS, 60_000)),
    "no place": recorded_track([START_MS, START_MS + 1000], [np.nan, 91.0], [0.0, np.inf]),
    "a century": at("1", START_MS, START_MS + CENTURY_MS),
}


@pytest.mark.parametrize("name", ODD)
def test_a_track_that_shows_little_has_a_report(name: str) -> None:
    """One place, one moment, no place at all or a hundred years: the map has a frame, and the axis few marks."""
    document = report_of(ODD[name])
    (box,) = set(re.findall(r'viewBox="([^"]+)"', document))
    _, _, width, height = map(float, box.split())
    assert min(width, height) >= 600
    assert 1 < document.count("data-clock") < 30
    assert len(document) < 200_000


def test_a_day_that_ends_on_another_date_names_both() -> None:
    """Clock times alone would hide that a track lasts for days."""
    assert "2026-09-15 06:30 to 2026-09-18 06:30" in report_of(at("1", START_MS, START_MS + 72 * HOUR_MS))


def test_the_name_of_a_file_is_text() -> None:
    """A name that looks like HTML is shown, not run."""
    document = report_of(ODD["one time"], "<img src=x onerror=alert(1)>.csv")
    assert "<img" not in document
    assert "&lt;img src=x onerror=alert(1)&gt;.csv" in document


def test_the_plane_goes_on_across_the_180th_meridian() -> None:
    """Two places a little on both sides of it lie a little apart on the map."""
    points = LocalPlane(0.0, 179.999).points([0.0, 0.0], [179.999, -179.999])
    assert points[1] - points[0] == pytest.approx([222.0, 0.0], abs=1.0)
