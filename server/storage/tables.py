"""The tables. Times are Unix milliseconds; what is queried has a column, everything else is in a serialized message."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

road_network = Table(
    "road_network",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("profile", String(32), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("source", Text, nullable=False),
    Column("import_ms", BigInteger, nullable=False),
    Column("node_count", Integer, nullable=False),
    Column("edge_count", Integer, nullable=False),
    Column("road_length_m", Double, nullable=False),
    Column("south_degrees", Double, nullable=False),
    Column("west_degrees", Double, nullable=False),
    Column("north_degrees", Double, nullable=False),
    Column("east_degrees", Double, nullable=False),
    Column("import_counts", Text, nullable=False, server_default="{}"),
)

plan = Table(
    "plan",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("create_ms", BigInteger, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("problem", LargeBinary, nullable=False),
    Index("plan_by_create", "create_ms", "id"),
    Index("plan_by_day", "day", "create_ms", "id"),
)

track = Table(
    "track",
    metadata,
    Column("worker_id", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("coordinate_system", String(10), nullable=False),
    Column("create_ms", BigInteger, nullable=False),
    Column("update_ms", BigInteger, nullable=False),
    Column("working_hours", Text, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("point_count", BigInteger, nullable=False),
    Column("outside_count", BigInteger, nullable=False),
    Column("points", LargeBinary, nullable=False),
    Index("track_by_day", "day", "worker_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("worker_id", String(200), nullable=False),
    Column("day", String(10), nullable=False),
    Column("plan_id", String(32), nullable=False),
    Column("create_ms", BigInteger, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("audit_by_create", "create_ms", "id"),
    Index("audit_by_worker", "worker_id", "create_ms", "id"),
    Index("audit_by_day", "day", "create_ms", "id"),
)

operation = Table(
    "operation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("label", Text, nullable=False),
    Column("create_ms", BigInteger, nullable=False),
    Column("update_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger),
    Column("progress", Double, nullable=False),
    Column("stage", Text, nullable=False),
    Column("result_id", String(63), nullable=False),
    Column("error", Text, nullable=False),
    Index("operation_by_create", "create_ms", "id"),
)
