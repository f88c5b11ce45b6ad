"""First tables: road networks, plans, tracks, audits, operations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    # Long because it states every column once, and is never changed again.
    op.create_table(
        "road_network",
        sa.Column("id", sa.String(63), primary_key=True),
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("import_ms", sa.BigInteger, nullable=False),
        sa.Column("node_count", sa.Integer, nullable=False),
        sa.Column("edge_count", sa.Integer, nullable=False),
        sa.Column("road_length_m", sa.Double, nullable=False),
        sa.Column("south_degrees", sa.Double, nullable=False),
        sa.Column("west_degrees", sa.Double, nullable=False),
        sa.Column("north_degrees", sa.Double, nullable=False),
        sa.Column("east_degrees", sa.Double, nullable=False),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("create_ms", sa.BigInteger, nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("problem", sa.LargeBinary, nullable=False),
    )
    op.create_index("plan_by_create", "plan", ["create_ms", "id"])
    op.create_index("plan_by_day", "plan", ["day", "create_ms", "id"])
    op.create_table(
        "track",
        sa.Column("worker_id", sa.String(200), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("coordinate_system", sa.String(10), nullable=False),
        sa.Column("create_ms", sa.BigInteger, nullable=False),
        sa.Column("update_ms", sa.BigInteger, nullable=False),
        sa.Column("working_hours", sa.Text, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("point_count", sa.BigInteger, nullable=False),
        sa.Column("outside_count", sa.BigInteger, nullable=False),
        sa.Column("points", sa.LargeBinary, nullable=False),
    )
    op.create_index("track_by_day", "track", ["day", "worker_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("worker_id", sa.String(200), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("plan_id", sa.String(32), nullable=False),
        sa.Column("create_ms", sa.BigInteger, nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("audit_by_create", "audit", ["create_ms", "id"])
    op.create_index("audit_by_worker", "audit", ["worker_id", "create_ms", "id"])
    op.create_index("audit_by_day", "audit", ["day", "create_ms", "id"])
    op.create_table(
        "operation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("create_ms", sa.BigInteger, nullable=False),
        sa.Column("update_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("result_id", sa.String(63), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("operation_by_create", "operation", ["create_ms", "id"])
