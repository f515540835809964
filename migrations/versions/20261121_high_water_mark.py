"""How far the database has come, by which one that was put back from a backup is known."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_06"
down_revision = "20261121_05"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "high_water_mark",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("database", sa.String(32), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unreleased_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspicion", sa.String(12), nullable=True),
        sa.Column("remembered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_high_water_mark")),
    )


def downgrade() -> None:
    op.drop_table("high_water_mark")
