"""Each entry's JSON objects, finished.

They are derived: no content has an empty revision, so that the next load writes everything anew.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("concept", "virtualization_type", "example", "hypervisor_type", "hypervisor")
COLUMNS = ("record_en", "record_zh")


def upgrade() -> None:
    """Make a place for them."""
    for table in TABLES:
        for column in COLUMNS:
            op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))
    op.execute(sa.text("UPDATE dataset SET revision = ''"))


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        for column in COLUMNS:
            op.drop_column(table, column)
    op.execute(sa.text("UPDATE dataset SET revision = ''"))
