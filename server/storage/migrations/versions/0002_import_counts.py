"""What the import of a road network counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; networks that are there already have no counts."""
    op.add_column("road_network", sa.Column("import_counts", sa.Text, nullable=False, server_default="{}"))
