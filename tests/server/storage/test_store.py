"""The contract of the store, the same for every database behind it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from server.storage import tables
from server.storage.paging import InvalidPageTokenError
from server.storage.records import AuditRecord, OperationRecord, PlanRecord, RoadNetworkRecord, TrackRecord
from server.storage.store import Store, open_store
from server.storage.track_codec import PointColumns, no_points

POSTGRESQL_URL = os.environ.get("ODOGRAPH_TEST_POSTGRESQL_URL", "")
NETWORK = RoadNetworkRecord(
    "oulu-car", "car", "ab12", "oulu.osm.pbf", 1_000, 5, 8, 1234.5, 65.0, 25.4, 65.1, 25.6, '{"cut_ways": 3}'
)
PLAN = PlanRecord("p0", "2026-03-02", 1_000, b"summary", b"content", b"problem")
AUDIT = AuditRecord("a0", "anna", "2026-03-02", "p0", 1_000, b"summary", b"content")
OPERATION = OperationRecord("o0", "build_plan", "running", "", 1_000, 1_000, None, 0.5, "searching", "", "")


@pytest.fixture(params=["sqlite-file", "sqlite-memory", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store on each kind of database."""
    url = {"sqlite-file": f"sqlite:///{tmp_path / 'store.sqlite'}", "sqlite-memory": "sqlite://"}.get(
        request.param, POSTGRESQL_URL
    )
    if not url:
        pytest.skip("ODOGRAPH_TEST_POSTGRESQL_URL names no PostgreSQL database")
    store = open_store(url)
    with store.database.writing() as connection:
        for table in tables.metadata.sorted_tables:
            connection.execute(table.delete())
    yield store
    store.close()


def track(worker_id: str = "anna", count: int = 3) -> TrackRecord:
    """A track of a few points, one of them without accuracy."""
    accuracy = np.full(count, 5.0)
    accuracy[:1] = np.nan
    points = PointColumns(
        np.arange(count, dtype=np.int64) * 1000 + 1,
        np.linspace(60.0, 60.1, count),
        np.linspace(-25.1, -25.0, count),
        accuracy,
        np.full(count, np.nan),
        np.full(count, 359.99),
    )
    hours = ((0, 1_000_000),)
    return TrackRecord(worker_id, "2026-03-02", "WGS-84", 1_000, 1_000, hours, 3001, 2, count, points)


def test_a_road_network_is_kept_once(store: Store) -> None:
    """The first network under an id stays; a second one gets the first one back."""
    assert store.road_networks.get("oulu-car") is None
    assert store.road_networks.add(NETWORK) == NETWORK
    assert store.road_networks.add(replace(NETWORK, fingerprint="cd34")) == NETWORK
    assert store.road_networks.get("oulu-car") == NETWORK


def test_a_plan_and_an_audit_come_back_as_they_were(store: Store) -> None:
    """What is kept is given back byte for byte; what was never kept is None."""
    store.plans.add(PLAN)
    store.audits.add(AUDIT)
    assert store.plans.get("p0") == PLAN
    assert store.audits.get("a0") == AUDIT
    assert store.plans.get("p1") is None
    assert store.audits.get("a1") is None


def test_listings_go_page_by_page_latest_first(store: Store) -> None:
    """Pages hold every row once, latest first, and rows added meanwhile shift nothing."""
    for number in range(5):
        store.plans.add(replace(PLAN, id=f"p{number}", create_ms=1_000 + number // 2, summary=bytes([number])))
    first = store.plans.page(size=2)
    store.plans.add(replace(PLAN, id="p9", create_ms=9_000))
    second = store.plans.page(size=2, token=first.next_token)
    third = store.plans.page(size=2, token=second.next_token)
    assert [row[0] for page in (first, second, third) for row in page.records] == [4, 3, 2, 1, 0]
    assert third.next_token == ""


def test_listings_are_filtered(store: Store) -> None:
    """A filter keeps the rows of one worker, day or kind."""
    store.audits.add(AUDIT)
    store.audits.add(replace(AUDIT, id="a1", worker_id="bo", summary=b"bo"))
    store.plans.add(PLAN)
    store.operations.put(OPERATION)
    assert store.audits.page(worker_id="bo").records == (b"bo",)
    assert store.audits.page(day="2026-03-03").records == ()
    assert store.plans.page(day="2026-03-02").records == (b"summary",)
    assert store.operations.page(kind="import_road_network").records == ()


def token_of(text: str) -> str:
    """A token that holds a JSON text."""
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "W10=",
        "eyJhIjogMX0=",
        "WzEsIDIsIDNd",
        "é",
        token_of(f'[{2**63}, "p0"]'),  # greater than any integer of a database
        token_of('[1, "\\ud800"]'),  # half of a character
        token_of('[1, "\\u0000"]'),
        token_of('["p0", 1]'),  # the types of another listing
        token_of("[true, 1]"),
        token_of("[" * 100_000),
    ],
)
def test_a_page_token_of_no_listing_is_refused(store: Store, token: str) -> None:
    """A token that cannot be read, or that has another shape, is an error and never a wrong page."""
    with pytest.raises(InvalidPageTokenError):
        store.plans.page(token=token)


def test_an_operation_is_replaced_and_ended(store: Store) -> None:
    """Putting an operation again replaces it; those that did not end can be ended at once."""
    store.operations.put(OPERATION)
    store.operations.put(replace(OPERATION, progress=0.7))
    store.operations.put(replace(OPERATION, id="o1", state="succeeded", end_ms=5))
    assert store.operations.end_unfinished(state="cancelled", stage="stopped", end_ms=7) == 1
    ended = store.operations.get("o0")
    assert ended is not None
    assert (ended.state, ended.progress, ended.end_ms) == ("cancelled", 0.7, 7)


def test_a_track_comes_back_with_its_points(store: Store) -> None:
    """Points are given back to the step of the codec; a track without points says how many there are."""
    store.tracks.change("anna", "2026-03-02", lambda _: track())
    whole = store.tracks.get("anna", "2026-03-02", with_points=True)
    head = store.tracks.get("anna", "2026-03-02", with_points=False)
    assert whole is not None
    assert whole.points is not None
    assert head is not None
    assert head.points is None
    assert (head.point_count, head.next_sequence, head.working_hours) == (3, 5, ((0, 1_000_000),))
    np.testing.assert_array_equal(whole.points.accuracy_m, [np.nan, 5.0, 5.0])
    np.testing.assert_allclose(whole.points.longitude_degrees, np.linspace(-25.1, -25.0, 3), atol=1e-7)


def test_a_failed_change_of_a_track_changes_nothing(store: Store) -> None:
    """A change is whole or not at all."""
    store.tracks.change("anna", "2026-03-02", lambda _: track())

    def fail(_kept: TrackRecord | None) -> TrackRecord:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.tracks.change("anna", "2026-03-02", fail)
    kept = store.tracks.get("anna", "2026-03-02", with_points=False)
    assert kept is not None
    assert kept.point_count == 3


def test_changes_of_one_track_at_the_same_time_all_count(store: Store) -> None:
    """Two threads that change the same track take turns; none overwrites the other."""
    store.tracks.change("anna", "2026-03-02", lambda _: track())

    def count_one_more(kept: TrackRecord | None) -> TrackRecord:
        assert kept is not None
        return replace(kept, outside_count=kept.outside_count + 1)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.tracks.change("anna", "2026-03-02", count_one_more), range(20)))
    kept = store.tracks.get("anna", "2026-03-02", with_points=False)
    assert kept is not None
    assert kept.outside_count == 2 + 20


def test_a_track_that_many_begin_at_once_is_one(store: Store) -> None:
    """Threads that begin the same track at the same time find the one that was first."""

    def begin_or_count(kept: TrackRecord | None) -> TrackRecord:
        return track() if kept is None else replace(kept, outside_count=kept.outside_count + 1)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.tracks.change("anna", "2026-03-02", begin_or_count), range(8)))
        networks = set(threads.map(lambda n: store.road_networks.add(replace(NETWORK, source=str(n))), range(8)))
    kept = store.tracks.get("anna", "2026-03-02", with_points=False)
    assert kept is not None
    assert kept.outside_count == 2 + 7
    assert len(networks) == 1


def test_tracks_are_listed_and_removed(store: Store) -> None:
    """Listings hold no points; a removed track is gone and cannot be removed again."""
    for worker in ("bo", "anna"):
        store.tracks.change(worker, "2026-03-02", lambda _, worker=worker: track(worker))
    assert [record.worker_id for record in store.tracks.page().records] == ["anna", "bo"]
    assert all(record.points is None for record in store.tracks.page().records)
    assert store.tracks.remove("bo", "2026-03-02")
    assert not store.tracks.remove("bo", "2026-03-02")


def test_an_empty_track_is_kept(store: Store) -> None:
    """A track that was begun and has no points yet is a track."""
    store.tracks.change("anna", "2026-03-02", lambda _: replace(track(), points=no_points(), point_count=0))
    kept = store.tracks.get("anna", "2026-03-02", with_points=True)
    assert kept is not None
    assert kept.points is not None
    assert len(kept.points) == 0


def test_the_migrations_make_the_tables_that_the_code_expects(store: Store) -> None:
    """After all migrations the database differs in nothing from `server.storage.tables`."""
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_a_network_of_an_older_release_has_no_import_counts(tmp_path: Path) -> None:
    """A row written before counts were kept is read with none, after the tables are brought up to date."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    first = open_store(url)
    columns = {name: value for name, value in asdict(NETWORK).items() if name != "import_counts"}
    with first.database.writing() as connection:
        connection.execute(text("ALTER TABLE road_network DROP COLUMN import_counts"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        names = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        connection.execute(text(f"INSERT INTO road_network ({names[0]}) VALUES ({names[1]})"), columns)  # noqa: S608
    first.close()
    second = open_store(url)
    assert second.road_networks.get(NETWORK.id) == replace(NETWORK, import_counts="{}")
    second.close()


def test_a_store_can_be_opened_again(tmp_path: Path) -> None:
    """Opening an existing database migrates nothing twice and finds what was kept."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    first = open_store(url)
    first.plans.add(PLAN)
    first.close()
    second = open_store(url)
    assert second.plans.get("p0") == PLAN
    with second.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    second.close()
