"""Indexes of the filtered fields in the order of the source document, in which lists answer by default.

And the hash of what the dataset was loaded from.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXED = {
    "concept": ("pack",),
    "virtualization_type": ("concept", "pack"),
    "example": ("type", "vendor", "license", "pack"),
    "hypervisor_type": ("concept", "pack"),
    "hypervisor": ("type", "vendor", "license", "status", "pack"),
}


def upgrade() -> None:
    """Add the position to each index, and the column."""
    op.add_column("dataset", sa.Column("loaded_from", sa.String(), nullable=True))
    for table, columns in INDEXED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
            op.create_index(f"ix_{table}_{column}_position", table, [column, "position"])


def downgrade() -> None:
    """Remove the position from each index, and the column."""
    op.drop_column("dataset", "loaded_from")
    for table, columns in INDEXED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_position", table)
            op.create_index(f"ix_{table}_{column}", table, [column])
