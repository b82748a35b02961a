"""The JSON object of each entry in each language.

Records are derived data: an empty revision matches no content, so the next load writes everything again.

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
    """Add the columns, empty until the next load."""
    for table in TABLES:
        for column in COLUMNS:
            op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))
    op.execute(sa.text("UPDATE dataset SET revision = ''"))


def downgrade() -> None:
    """Drop the columns."""
    for table in TABLES:
        for column in COLUMNS:
            op.drop_column(table, column)
    op.execute(sa.text("UPDATE dataset SET revision = ''"))
