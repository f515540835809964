"""How fast and how carefully a connection sends, and where a recipient stands."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_03"
down_revision = "20261121_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_connection", sa.Column("sending_mode", sa.String(12), nullable=False, server_default="careful"))
    op.add_column("mail_connection", sa.Column("most_sessions", sa.SmallInteger(), nullable=False, server_default="2"))
    op.add_column("mail_connection", sa.Column("most_per_minute", sa.Integer(), nullable=True))
    op.add_column("mail_connection", sa.Column("most_per_day", sa.Integer(), nullable=True))
    op.add_column("connection_state", sa.Column("tokens", sa.Double(), nullable=True))
    op.add_column("connection_state", sa.Column("tokens_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("connection_state", sa.Column("sent_today", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("connection_state", sa.Column("sent_on", sa.Date(), nullable=True))
    op.add_column("connection_state", sa.Column("per_second", sa.Double(), nullable=True))
    op.add_column("delivery", sa.Column("kind", sa.String(3), nullable=False, server_default="to"))


def downgrade() -> None:
    op.drop_column("delivery", "kind")
    for name in ("per_second", "sent_on", "sent_today", "tokens_at", "tokens"):
        op.drop_column("connection_state", name)
    for name in ("most_per_day", "most_per_minute", "most_sessions", "sending_mode"):
        op.drop_column("mail_connection", name)
