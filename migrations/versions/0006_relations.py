"""What entries are based on and related to, which replace them, the kind of a remark, broader concepts, languages.

An empty revision matches no content, so the next load writes everything again.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Built-in, so that this migration stays as it is when the tables change.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PRODUCTS = ("example", "hypervisor")
TABLES = ("concept", "virtualization_type", "example", "hypervisor_type", "hypervisor")
# The new columns by which lists are filtered, by table.
FILTERED = {
    "concept": ("broader", "remark_kind"),
    "virtualization_type": ("remark_kind",),
    "example": ("status", "remark_kind"),
    "hypervisor_type": ("remark_kind",),
    "hypervisor": ("remark_kind",),
}


def references(name: str) -> sa.Column:
    """A column of references, none until the next load."""
    return sa.Column(name, sa.JSON(), nullable=False, server_default="[]")


def upgrade() -> None:
    """Add the columns, empty until the next load, and their indexes."""
    for table in TABLES:
        op.add_column(table, sa.Column("remark_kind", TEXT, nullable=True))
        op.add_column(table, references("languages"))
        op.add_column(table, references("related"))
        for column in ("deprecated_since", "deprecated_reason_en", "deprecated_reason_zh"):
            op.add_column(table, sa.Column(column, sa.String(), nullable=True))
        op.add_column(table, references("replaced_by"))
    for table in PRODUCTS:
        op.add_column(table, references("based_on"))
    op.add_column("example", sa.Column("status", TEXT, nullable=True))
    op.add_column("concept", sa.Column("broader", TEXT, nullable=True))
    for table, columns in FILTERED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}_position", table, [column, "position"])
    op.execute(sa.text("UPDATE dataset SET revision = ''"))


def downgrade() -> None:
    """Remove the columns and their indexes."""
    for table, columns in FILTERED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_position", table)
    op.drop_column("concept", "broader")
    op.drop_column("example", "status")
    for table in PRODUCTS:
        op.drop_column(table, "based_on")
    for table in TABLES:
        for column in (
            *("replaced_by", "deprecated_reason_zh", "deprecated_reason_en", "deprecated_since"),
            *("related", "languages", "remark_kind"),
        ):
            op.drop_column(table, column)
    op.execute(sa.text("UPDATE dataset SET revision = ''"))
