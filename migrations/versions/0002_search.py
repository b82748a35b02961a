"""Search: terms of every field, and one text per entry to scan.

Terms are derived data: this drops them, and the next load writes them again.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def create_term(*columns: sa.Column, key_nullable: bool) -> None:
    """Drop the table of terms and create it with these columns; force the next load to fill it."""
    op.drop_table("term")
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        *columns,
        sa.Column("resource", CODE_POINT, nullable=False),
        sa.Column("entry_id", CODE_POINT, nullable=False),
        sa.Column("field", CODE_POINT, nullable=False),
        sa.Column("lang", CODE_POINT),
        sa.Column("scheme", CODE_POINT),
        sa.Column("value", CODE_POINT, nullable=False),
        sa.Column("key", CODE_POINT, nullable=key_nullable),
        sa.PrimaryKeyConstraint("id", name="pk_term"),
    )
    op.create_index("ix_term_key", "term", ["key"])
    op.execute(sa.text("DELETE FROM dataset"))


def upgrade() -> None:
    """Add the order and the names to the terms, and create the table of texts."""
    create_term(
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        key_nullable=True,
    )
    op.create_index("ix_term_ordinal", "term", ["ordinal"])
    op.create_table(
        "search_text",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("resource", CODE_POINT, nullable=False),
        sa.Column("entry_id", CODE_POINT, nullable=False),
        sa.Column("name_end", sa.Integer(), nullable=False),
        sa.Column("id_end", sa.Integer(), nullable=False),
        sa.Column("alias_end", sa.Integer(), nullable=False),
        sa.Column("identifier_end", sa.Integer(), nullable=False),
        sa.Column("characteristic_end", sa.Integer(), nullable=False),
        sa.Column("text", CODE_POINT, nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_search_text"),
    )


def downgrade() -> None:
    """Drop the table of texts and restore the previous table of terms."""
    op.drop_table("search_text")
    create_term(key_nullable=False)
