"""What each release of a pack changed.

An empty revision matches no content, so the next load writes everything again.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Built-in, so that this migration stays as it is when the tables change.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FILTERED = ("pack", "date", "resource", "id", "change")


def upgrade() -> None:
    """Create the table, empty until the next load."""
    op.create_table(
        "change",
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in FILTERED),
        sa.Column("record_en", sa.String(), nullable=False),
        sa.Column("record_zh", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_change"),
    )
    for name in FILTERED:
        op.create_index(f"ix_change_{name}_position", "change", [name, "position"])
    op.execute(sa.text("UPDATE dataset SET revision = ''"))


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("change")
    op.execute(sa.text("UPDATE dataset SET revision = ''"))
