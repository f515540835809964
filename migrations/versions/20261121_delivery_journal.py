"""Indexes of the journal of deliveries, and what people decide about many of them at once."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_04"
down_revision = "20261121_03"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_delivery_sent", ["connection_id", "id"], "state = 'sent'"),
    ("ix_delivery_address", ["address", "id"], "state NOT IN ('waiting', 'sending')"),
    ("ix_delivery_retry", ["cause", "id"], "state = 'waiting' AND cause IS NOT NULL"),
)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name, columns, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, "delivery", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "group_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("connection_id", ID, nullable=False),
        sa.Column("cause", sa.String(40), nullable=True),
        sa.Column("before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("up_to_id", ID, nullable=False),
        sa.Column("after_id", ID, nullable=False),
        sa.Column("may_repeat", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["mail_connection.id"], name="fk_group_decision_connection_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name="fk_group_decision_actor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_group_decision"),
    )
    is_undone = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_group_decision_undone", "group_decision", ["id"], sqlite_where=is_undone, postgresql_where=is_undone
    )


def downgrade() -> None:
    op.drop_table("group_decision")
    for name, *_rest in INDEXES:
        op.drop_index(name, "delivery")
