"""What must be true of a record before an event action tells people, as a formula."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_01"
down_revision = "20261121_06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_action_condition",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_event_action_condition_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_event_action_condition")),
    )


def downgrade() -> None:
    op.drop_table("event_action_condition")
