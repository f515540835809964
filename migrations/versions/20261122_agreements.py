"""Working calendars, service agreements, and the deadlines of records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_07"
down_revision = "20261122_05"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Moment = sa.DateTime(timezone=True)
DEFAULT, RUNS, OPEN = sa.text("is_default"), sa.text("met_at IS NULL AND due_at IS NOT NULL"), sa.text("met_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "working_calendar",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("week", Json, nullable=False),
        sa.Column("country", sa.String(3), nullable=True),
        sa.Column("subdivision", sa.String(40), nullable=True),
        sa.Column("stamp", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_calendar")),
        sa.UniqueConstraint("name_key", name=op.f("uq_working_calendar_name_key")),
    )
    op.create_table(
        "calendar_exception",
        sa.Column("id", Id, nullable=False),
        sa.Column("calendar_id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("hours", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["working_calendar.id"], name=op.f("fk_calendar_exception_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_exception")),
        sa.UniqueConstraint("calendar_id", "day", name=op.f("uq_calendar_exception_calendar_id_day")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("calendar_id", Id, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("stamp", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["working_calendar.id"], name=op.f("fk_agreement_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("name_key", name=op.f("uq_agreement_name_key")),
    )
    op.create_index(op.f("ix_agreement_calendar_id"), "agreement", ["calendar_id"])
    op.create_index(
        "uq_agreement_default", "agreement", ["is_default"], unique=True, sqlite_where=DEFAULT, postgresql_where=DEFAULT
    )
    op.create_table(
        "agreement_rule",
        sa.Column("id", Id, nullable=False),
        sa.Column("agreement_id", Id, nullable=False),
        sa.Column("service_id", Id, nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=True),
        sa.Column("reaction_s", sa.Integer(), nullable=False),
        sa.Column("resolution_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_rule_agreement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["record.id"], name=op.f("fk_agreement_rule_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_rule")),
    )
    op.create_index(op.f("ix_agreement_rule_agreement_id"), "agreement_rule", ["agreement_id"])
    op.create_table(
        "agreement_customer",
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("agreement_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["record.id"], name=op.f("fk_agreement_customer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_customer_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_agreement_customer")),
    )
    op.create_index(op.f("ix_agreement_customer_agreement_id"), "agreement_customer", ["agreement_id"])
    _create_deadlines()


def _create_deadlines() -> None:
    op.create_table(
        "deadline",
        sa.Column("id", Id, nullable=False),
        sa.Column("record_id", Id, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("agreement_id", Id, nullable=True),
        sa.Column("calendar_id", Id, nullable=True),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("term_s", sa.Integer(), nullable=True),
        sa.Column("counted_from", Moment, nullable=False),
        sa.Column("left_s", sa.Integer(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("paused_at", Moment, nullable=True),
        sa.Column("met_at", Moment, nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_deadline_record_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_deadline_agreement_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["working_calendar.id"], name=op.f("fk_deadline_calendar_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("record_id", "name", name=op.f("uq_deadline_record_id_name")),
    )
    op.create_index("ix_deadline_due", "deadline", ["due_at", "id"], sqlite_where=RUNS, postgresql_where=RUNS)
    op.create_index("ix_deadline_calendar", "deadline", ["calendar_id", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "deadline_recount",
        sa.Column("id", Id, nullable=False),
        sa.Column("after_id", Id, nullable=False),
        sa.Column("up_to_id", Id, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("actor_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_deadline_recount_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_recount")),
    )


def downgrade() -> None:
    names = "deadline_recount deadline agreement_customer agreement_rule agreement calendar_exception working_calendar"
    for name in names.split():
        op.drop_table(name)
