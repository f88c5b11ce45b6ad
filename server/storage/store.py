"""Everything that is kept, table by table.

Contract of every table here: methods may be called from several threads at once; each is one transaction, kept whole
or not at all; records are frozen; reading what is not there gives None.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Table, delete, insert, select, update

from server.storage import tables
from server.storage.database import Database, open_database
from server.storage.paging import fetch_page
from server.storage.records import AuditRecord, OperationRecord, Page, PlanRecord, RoadNetworkRecord
from server.storage.track_table import TrackTable

ROWS_AT_ONCE = 100


class RoadNetworkTable:
    """Imported road networks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: RoadNetworkRecord) -> RoadNetworkRecord:
        """Keep a network unless its id is taken; return the record that now has that id."""

        def work(connection: Connection) -> RoadNetworkRecord:
            query = select(tables.road_network).where(tables.road_network.c.id == record.id)
            row = connection.execute(query).mappings().first()
            if row is None:
                connection.execute(insert(tables.road_network).values(**asdict(record)))
            return record if row is None else RoadNetworkRecord(**row)

        return self._database.write(work)

    def get(self, network_id: str) -> RoadNetworkRecord | None:
        """Return the network of that id."""
        with self._database.reading() as connection:
            query = select(tables.road_network).where(tables.road_network.c.id == network_id)
            row = connection.execute(query).mappings().first()
            return None if row is None else RoadNetworkRecord(**row)

    def page(self, *, size: int = 0, token: str = "") -> Page[RoadNetworkRecord]:
        """Return a page of networks, by id."""
        with self._database.reading() as connection:
            order = [(tables.road_network.c.id, False)]
            rows, token = fetch_page(connection, select(tables.road_network), order=order, size=size, token=token)
            return Page(tuple(RoadNetworkRecord(**row) for row in rows), token)

    def remove(self, network_id: str) -> bool:
        """Forget a network; say whether it was there."""
        with self._database.writing() as connection:
            chosen = delete(tables.road_network).where(tables.road_network.c.id == network_id)
            return connection.execute(chosen).rowcount > 0


class PlanTable:
    """Plans."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: PlanRecord) -> None:
        """Keep a new plan."""
        with self._database.writing() as connection:
            connection.execute(insert(tables.plan).values(**asdict(record)))

    def replace(self, record: PlanRecord) -> None:
        """Keep a plan in place of what was kept under its id."""
        with self._database.writing() as connection:
            connection.execute(update(tables.plan).where(tables.plan.c.id == record.id).values(**asdict(record)))

    def get(self, plan_id: str) -> PlanRecord | None:
        """Return the plan of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.plan).where(tables.plan.c.id == plan_id)).mappings().first()
            return None if row is None else PlanRecord(**row)

    def page(self, *, day: str = "", size: int = 0, token: str = "") -> Page[bytes]:
        """Return a page of serialized summaries, latest first."""
        query = select(tables.plan.c.create_ms, tables.plan.c.id, tables.plan.c.summary)
        if day:
            query = query.where(tables.plan.c.day == day)
        order = [(tables.plan.c.create_ms, True), (tables.plan.c.id, True)]
        with self._database.reading() as connection:
            rows, token = fetch_page(connection, query, order=order, size=size, token=token)
            return Page(tuple(row["summary"] for row in rows), token)

    def first_holding(self, fingerprint: str) -> str | None:
        """Return the id of a plan in which the fingerprint of a network stands; reads all in the worst case."""
        return _first_holding(self._database, tables.plan, fingerprint)


class AuditTable:
    """Audits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: AuditRecord) -> None:
        """Keep a new audit."""
        with self._database.writing() as connection:
            connection.execute(insert(tables.audit).values(**asdict(record)))

    def get(self, audit_id: str) -> AuditRecord | None:
        """Return the audit of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.audit).where(tables.audit.c.id == audit_id)).mappings().first()
            return None if row is None else AuditRecord(**row)

    def page(self, *, worker_id: str = "", day: str = "", size: int = 0, token: str = "") -> Page[bytes]:
        """Return a page of serialized summaries, latest first."""
        query = select(tables.audit.c.create_ms, tables.audit.c.id, tables.audit.c.summary)
        if worker_id:
            query = query.where(tables.audit.c.worker_id == worker_id)
        if day:
            query = query.where(tables.audit.c.day == day)
        order = [(tables.audit.c.create_ms, True), (tables.audit.c.id, True)]
        with self._database.reading() as connection:
            rows, token = fetch_page(connection, query, order=order, size=size, token=token)
            return Page(tuple(row["summary"] for row in rows), token)

    def first_holding(self, fingerprint: str) -> str | None:
        """Return the id of an audit in which the fingerprint of a network stands; reads all in the worst case."""
        return _first_holding(self._database, tables.audit, fingerprint)


class OperationTable:
    """Long work, as it last stood."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, record: OperationRecord) -> None:
        """Keep an operation, in place of what was kept of it before."""
        with self._database.writing() as connection:
            change = update(tables.operation).where(tables.operation.c.id == record.id)
            if connection.execute(change.values(**asdict(record))).rowcount == 0:
                connection.execute(insert(tables.operation).values(**asdict(record)))

    def get(self, operation_id: str) -> OperationRecord | None:
        """Return the operation of that id."""
        with self._database.reading() as connection:
            query = select(tables.operation).where(tables.operation.c.id == operation_id)
            row = connection.execute(query).mappings().first()
            return None if row is None else OperationRecord(**row)

    def page(self, *, kind: str = "", size: int = 0, token: str = "") -> Page[OperationRecord]:
        """Return a page of operations, latest first."""
        query = select(tables.operation)
        if kind:
            query = query.where(tables.operation.c.kind == kind)
        order = [(tables.operation.c.create_ms, True), (tables.operation.c.id, True)]
        with self._database.reading() as connection:
            rows, token = fetch_page(connection, query, order=order, size=size, token=token)
            return Page(tuple(OperationRecord(**row) for row in rows), token)

    def end_unfinished(self, *, state: str, stage: str, end_ms: int) -> int:
        """Mark every operation that has not ended as ended; return how many there were."""
        with self._database.writing() as connection:
            change = update(tables.operation).where(tables.operation.c.end_ms.is_(None))
            return connection.execute(change.values(state=state, stage=stage, update_ms=end_ms, end_ms=end_ms)).rowcount


def _first_holding(database: Database, table: Table, fingerprint: str) -> str | None:
    """Return the id of a row whose serialized content holds a fingerprint, which is text in it as it is."""
    wanted = fingerprint.encode()
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table.c.id, table.c.content))
        return next((str(row.id) for row in rows if wanted in row.content), None)


@dataclass(frozen=True)
class Store:
    """Everything that is kept."""

    database: Database
    road_networks: RoadNetworkTable
    plans: PlanTable
    tracks: TrackTable
    audits: AuditTable
    operations: OperationTable

    def close(self) -> None:
        """Give all connections back."""
        self.database.close()


def open_store(url: str) -> Store:
    """Open the database at an SQLAlchemy address (``sqlite://`` is one in memory) and bring its tables up to date.

    Parameters
    ----------
    url
        Address of the database.

    Returns
    -------
    Store
        Ready for use; to be closed by its owner.
    """
    database = open_database(url)
    return Store(
        database=database,
        road_networks=RoadNetworkTable(database),
        plans=PlanTable(database),
        tracks=TrackTable(database),
        audits=AuditTable(database),
        operations=OperationTable(database),
    )
