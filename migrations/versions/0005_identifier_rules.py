"""How a tool compares an identifier: with the whole string, its beginning or a part of it.

An empty revision matches no content, so the next load writes everything again.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Built-in, so that this migration stays as it is when the tables change.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column, empty until the next load."""
    op.add_column("term", sa.Column("match", TEXT, nullable=True))
    op.execute(sa.text("UPDATE dataset SET revision = ''"))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("term", "match")
    op.execute(sa.text("UPDATE dataset SET revision = ''"))
