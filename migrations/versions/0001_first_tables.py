"""The five collections, the index of terms and the dataset row.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def create_collection(name: str, indexed: list[str], *columns: sa.Column | sa.Constraint) -> None:
    """Create a table with the columns that every collection has and the given ones."""
    op.create_table(
        name,
        sa.Column("id", CODE_POINT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("sort_en", CODE_POINT, nullable=False),
        sa.Column("sort_zh", CODE_POINT, nullable=False),
        sa.Column("summary_en", sa.String(), nullable=False),
        sa.Column("summary_zh", sa.String(), nullable=False),
        sa.Column("remark_en", sa.String()),
        sa.Column("remark_zh", sa.String()),
        sa.Column("aliases_en", sa.JSON(), nullable=False),
        sa.Column("aliases_zh", sa.JSON(), nullable=False),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("pack", CODE_POINT, nullable=False),
        sa.Column("search", CODE_POINT, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("position", name=f"uq_{name}_position"),
    )
    for column in ["sort_en", "sort_zh", "pack", *indexed]:
        op.create_index(f"ix_{name}_{column}", name, [column])


def refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key, named as the tables' naming convention names it."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def product_columns() -> list[sa.Column]:
    """Return the columns of entries that have a vendor."""
    return [
        sa.Column("vendor", CODE_POINT),
        sa.Column("license", CODE_POINT),
        sa.Column("website", sa.String()),
    ]


def upgrade() -> None:
    """Create the tables."""
    create_collection(
        "concept",
        [],
        sa.Column("characteristics_en", sa.JSON(), nullable=False),
        sa.Column("characteristics_zh", sa.JSON(), nullable=False),
    )
    for table in ("virtualization_type", "hypervisor_type"):
        create_collection(
            table,
            ["concept"],
            sa.Column("concept", CODE_POINT, nullable=False),
            refers(table, "concept", "concept"),
        )
    create_collection(
        "example",
        ["type", "vendor", "license"],
        *product_columns(),
        sa.Column("type", CODE_POINT, nullable=False),
        refers("example", "type", "virtualization_type"),
    )
    create_collection(
        "hypervisor",
        ["type", "vendor", "license", "status"],
        *product_columns(),
        sa.Column("type", CODE_POINT, nullable=False),
        sa.Column("status", CODE_POINT),
        refers("hypervisor", "type", "hypervisor_type"),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource", CODE_POINT, nullable=False),
        sa.Column("entry_id", CODE_POINT, nullable=False),
        sa.Column("field", CODE_POINT, nullable=False),
        sa.Column("lang", CODE_POINT),
        sa.Column("scheme", CODE_POINT),
        sa.Column("value", CODE_POINT, nullable=False),
        sa.Column("key", CODE_POINT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_term"),
    )
    op.create_index("ix_term_key", "term", ["key"])
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("packs", sa.JSON(), nullable=False),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("dataset", "term", "hypervisor", "example", "hypervisor_type", "virtualization_type", "concept"):
        op.drop_table(table)
