"""Timers, and when escalation rules fire."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_09"
down_revision = "20261122_07"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "timer",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("fire_at", Moment, nullable=True),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("kind", "owner_id", name=op.f("uq_timer_kind_owner_id")),
    )
    op.create_index("ix_timer_fire_at", "timer", ["fire_at", "id"])
    op.create_table(
        "escalation_moment",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("amount", sa.SmallInteger(), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by_id", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_escalation_moment_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_escalation_moment")),
    )
    rearmings = op.create_table(
        "escalation_rearming",
        sa.Column("id", Id, nullable=False),
        sa.Column("after_id", Id, nullable=False),
        sa.Column("up_to_id", Id, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("actor_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_escalation_rearming_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rearming")),
    )
    _arm_what_is_there(rearmings)


def _arm_what_is_there(rearmings: sa.Table) -> None:
    """Let the background arm the records of an installation that was in use before."""
    records = sa.table("record", sa.column("id"))
    last, total = op.get_bind().execute(sa.select(sa.func.max(records.c.id), sa.func.count())).one()
    if last is not None:
        values = {"after_id": 0, "up_to_id": last, "total": total, "done": 0, "started_at": sa.func.now()}
        op.execute(sa.insert(rearmings).values(**values))


def downgrade() -> None:
    for name in ("escalation_rearming", "escalation_moment", "timer"):
        op.drop_table(name)
