"""Own texts of event actions, rehearsals of them, and ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_08"
down_revision = "20261122_02"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "event_action_text",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_original", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("push_title", sa.Text(), nullable=False),
        sa.Column("push_body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["account.id"], name=op.f("fk_event_action_text_written_by_id")
        ),
        sa.PrimaryKeyConstraint("code", "language", "version", name=op.f("pk_event_action_text")),
    )
    op.create_table(
        "rehearsal",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_by_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["started_by_id"], ["account.id"], name=op.f("fk_rehearsal_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index("ix_rehearsal_code", "rehearsal", ["code", "id"])
    op.create_index(
        "ix_rehearsal_unended",
        "rehearsal",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rating",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("closing_event_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("address", sa.String(254), nullable=True),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_stars")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rating_account_id")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_rating_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("closing_event_id", name=op.f("uq_rating_closing_event_id")),
    )
    op.create_index("ix_rating_record_id", "rating", ["record_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_rating_record_id", table_name="rating")
    op.drop_table("rating")
    op.drop_index("ix_rehearsal_unended", table_name="rehearsal")
    op.drop_index("ix_rehearsal_code", table_name="rehearsal")
    op.drop_table("rehearsal")
    op.drop_table("event_action_text")
