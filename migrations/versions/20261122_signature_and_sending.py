"""The logo of mails, and the sending parameters of a connection: charset, tries, batches."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_02"
down_revision = "20261122_06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logo",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("used_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_logo")),
    )
    op.add_column("mail_connection", sa.Column("charset", sa.String(20), nullable=False, server_default="utf-8"))
    op.add_column(
        "mail_connection", sa.Column("has_latin_headers", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("mail_connection", sa.Column("most_attempts", sa.SmallInteger(), nullable=True))
    op.add_column("mail_connection", sa.Column("retry_pause_s", sa.Integer(), nullable=True))
    op.add_column("mail_connection", sa.Column("most_in_batch", sa.SmallInteger(), nullable=True))
    op.add_column("mail_connection", sa.Column("batch_interval_s", sa.Integer(), nullable=True))
    op.add_column(
        "mail_connection", sa.Column("sends_in_parts", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("connection_state", sa.Column("next_batch_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("connection_state", "next_batch_at")
    names = (
        "sends_in_parts", "batch_interval_s", "most_in_batch", "retry_pause_s", "most_attempts",
        "has_latin_headers", "charset",
    )  # fmt: skip
    for name in names:
        op.drop_column("mail_connection", name)
    op.drop_table("logo")
