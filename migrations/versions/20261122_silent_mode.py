"""The silent mode: whether nothing leaves, to whom it does all the same, where the database is at home."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_03"
down_revision = "20261122_08"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "silent_mode",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(12), nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("by_id", NUMBER, nullable=True),
        sa.Column("first_id", NUMBER, nullable=False),
        sa.Column("exceptions", JSON, nullable=False),
        sa.Column("home", sa.String(300), nullable=True),
        sa.Column("opened_at", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_silent_mode_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silent_mode")),
    )


def downgrade() -> None:
    op.drop_table("silent_mode")
