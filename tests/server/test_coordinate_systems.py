"""Over a real channel, with a real courier day in GCJ-02: who declares the wrong coordinate system is told so."""

from __future__ import annotations

import csv
import shutil
from collections.abc import AsyncIterator, Sequence

import grpc
import pytest
import pytest_asyncio
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from geo.coordinates import CoordinateSystem, convert
from server.application import running_server
from server.settings import Settings
from tests.real_data import real_data_path
from tests.server.conftest import import_and_wait
from tests.server.planning import EIGHT_S, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
GCJ02 = v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02
BD09 = v1.CoordinateSystem.COORDINATE_SYSTEM_BD09
NETWORK = "shanghai-centre-car"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shanghai(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a running service that has imported the centre of Shanghai."""
    source = real_data_path("extracts", "shanghai-centre.osm.pbf")
    folder = tmp_path_factory.mktemp("shanghai")
    (folder / "maps").mkdir()
    shutil.copy(source, folder / "maps")
    settings = Settings(port=0, data_folder=folder / "data", map_folder=folder / "maps", solver_processes=1)
    async with running_server(settings) as port, grpc.aio.insecure_channel(f"{settings.host}:{port}") as channel:
        await import_and_wait(channel, source.name, "car", network_id=NETWORK)
        yield channel


def places(latitude: str, longitude: str) -> list[tuple[float, float]]:
    """Return two columns of the couriers' day, as the data has them: GCJ-02."""
    with real_data_path("lade", "shanghai_centre_dev.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[latitude]]
    return [(float(row[latitude]), float(row[longitude])) for row in rows]


def fixes() -> v1.TrackPoints:
    """Return where couriers' phones were when they picked up parcels, as one track."""
    latitude, longitude = zip(*places("pickup_gps_lat", "pickup_gps_lng"), strict=True)
    times = [1000 * (EIGHT_S + 60 * number) for number in range(len(latitude))]
    return v1.TrackPoints(unix_milliseconds=times, latitude_degrees=latitude, longitude_degrees=longitude)


def named(notices: Sequence[v1.Notice]) -> list[str]:
    """Return the fields whose coordinate system is doubted; what the notices say of it holds no coordinate."""
    doubts = [notice for notice in notices if notice.code == v1.Notice.CODE_COORDINATE_SYSTEM_DOUBTFUL]
    for doubt in doubts:
        assert "look like GCJ-02, not " in doubt.description
        assert not any(text in doubt.description for text in ("31.", "121."))
    return [doubt.field for doubt in doubts]


@pytest.mark.parametrize(
    ("declared", "fields"), [(WGS84, ["coordinate_system"]), (BD09, ["coordinate_system"]), (GCJ02, [])]
)
async def test_a_track_in_another_system_is_recognised(
    shanghai: grpc.aio.Channel, declared: v1.CoordinateSystem.ValueType, fields: list[str]
) -> None:
    """MatchTrack and AuditTrack name the system that the points look like, and the field that declares another."""
    asked = {"road_network": NETWORK, "points": fixes(), "coordinate_system": declared}
    match = await v1.RoadNetworkServiceStub(shanghai).MatchTrack(v1.MatchTrackRequest(**asked))
    audit = await v1.AuditServiceStub(shanghai).AuditTrack(v1.AuditTrackRequest(**asked, worker_id="anna"))
    assert named(match.notices) == named(audit.notices) == fields


async def test_a_recorded_track_is_recognised_by_what_it_was_declared_as(shanghai: grpc.aio.Channel) -> None:
    """A stored track keeps the system of its header; the doubt names the track, whatever system the answer speaks."""
    tracks = v1.TrackServiceStub(shanghai)
    for declared, fields in ((WGS84, ["stored_track"]), (GCJ02, [])):
        name = v1.TrackName(worker_id=f"courier-{declared}", day="2026-03-02")
        header = v1.TrackHeader(name=name, coordinate_system=declared, working_hours=[window(0, 24)])
        part = v1.TrackPart(points=fixes())
        await tracks.RecordTrack(iter([v1.RecordTrackRequest(header=header), v1.RecordTrackRequest(part=part)]))
        request = v1.MatchTrackRequest(road_network=NETWORK, stored_track=name, coordinate_system=BD09)
        match = await v1.RoadNetworkServiceStub(shanghai).MatchTrack(request)
        assert named(match.notices) == fields
        assert match.coordinate_system == BD09
        assert (await tracks.GetTrack(v1.GetTrackRequest(name=name))).recorded_coordinate_system == declared


def check_customers(declared: v1.CoordinateSystem.ValueType, max_snap_distance_m: float) -> v1.ValidateProblemRequest:
    """Ask whether one courier could serve all customers of the day."""
    customers = [v1.Position(latitude_degrees=lat, longitude_degrees=lon) for lat, lon in places("lat", "lng")]
    problem = v1.Problem(
        coordinate_system=declared,
        road_network=NETWORK,
        workers=[v1.Worker(id="anna", shift=window(0, 8), start_position=customers[0], end_position=customers[0])],
        visits=[
            v1.Visit(id=f"v{number}", position=place, duration=Duration(seconds=60))
            for number, place in enumerate(customers)
        ],
        max_snap_distance_meters=max_snap_distance_m,
    )
    return v1.ValidateProblemRequest(problem=problem)


@pytest.mark.parametrize(("declared", "fields"), [(WGS84, ["problem.coordinate_system"]), (GCJ02, [])])
async def test_a_visit_list_in_another_system_is_recognised(
    shanghai: grpc.aio.Channel, declared: v1.CoordinateSystem.ValueType, fields: list[str]
) -> None:
    """Addresses of customers in GCJ-02 that are declared as WGS-84 are named before anything is planned."""
    answer = await v1.PlanningServiceStub(shanghai).ValidateProblem(check_customers(declared, 3000.0))
    assert list(answer.violations) == []
    assert named(answer.notices) == fields


async def test_a_visit_list_that_is_refused_names_its_system_first(shanghai: grpc.aio.Channel) -> None:
    """Where places lie on no road, the likeliest cause stands before them: they are in another system."""
    answer = await v1.PlanningServiceStub(shanghai).ValidateProblem(check_customers(WGS84, 300.0))
    first, *others = answer.violations
    assert first.field == "problem.coordinate_system"
    assert "look like GCJ-02, not WGS-84" in first.description
    assert {violation.field[:14] for violation in others} == {"problem.visits"}


async def test_each_answer_speaks_the_system_of_its_request(shanghai: grpc.aio.Channel) -> None:
    """The same points, declared in three systems after conversion, lie on the same places, each in its own system."""
    latitude, longitude = (list(column) for column in zip(*places("pickup_gps_lat", "pickup_gps_lng"), strict=True))
    spoken = {WGS84: CoordinateSystem.WGS84, GCJ02: CoordinateSystem.GCJ02, BD09: CoordinateSystem.BD09}
    laid = {}
    for declared, system in spoken.items():
        given = convert(latitude, longitude, source=CoordinateSystem.GCJ02, target=system)
        points = fixes()
        points.latitude_degrees[:], points.longitude_degrees[:] = (column.tolist() for column in given)
        request = v1.MatchTrackRequest(road_network=NETWORK, points=points, coordinate_system=declared)
        answer = await v1.RoadNetworkServiceStub(shanghai).MatchTrack(request)
        assert answer.coordinate_system == declared
        place = answer.points.latitude_degrees, answer.points.longitude_degrees
        laid[declared] = convert(*place, source=system, target=CoordinateSystem.WGS84)
    for axis in range(2):
        assert laid[GCJ02][axis] == pytest.approx(laid[WGS84][axis], abs=1e-6, nan_ok=True)
        assert laid[BD09][axis] == pytest.approx(laid[WGS84][axis], abs=1e-6, nan_ok=True)
