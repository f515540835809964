"""Stages of approvals, who is asked in them, and their votes."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_05"
down_revision = "20261122_04"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "approval_stage",
        sa.Column("approval_id", _id(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("needed", sa.SmallInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["record.id"], name=op.f("fk_approval_stage_approval_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("approval_id", "number", name=op.f("pk_approval_stage")),
    )
    op.create_table(
        "approver",
        sa.Column("approval_id", _id(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", _id(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_approver_account_id")),
        sa.ForeignKeyConstraint(
            ["approval_id", "stage"],
            ["approval_stage.approval_id", "approval_stage.number"],
            name=op.f("fk_approver_approval_id_stage"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("approval_id", "stage", "account_id", name=op.f("pk_approver")),
    )
    op.create_index("ix_approver_account_id", "approver", ["account_id"])
    op.create_table(
        "vote",
        sa.Column("approval_id", _id(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", _id(), autoincrement=False, nullable=False),
        sa.Column("is_approval", sa.Boolean(), nullable=False),
        sa.Column("comment_id", _id(), nullable=True),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id", "stage", "account_id"],
            ["approver.approval_id", "approver.stage", "approver.account_id"],
            name=op.f("fk_vote_approval_id_stage_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_vote_comment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("approval_id", "stage", "account_id", name=op.f("pk_vote")),
    )


def downgrade() -> None:
    op.drop_table("vote")
    op.drop_index("ix_approver_account_id", "approver")
    op.drop_table("approver")
    op.drop_table("approval_stage")
