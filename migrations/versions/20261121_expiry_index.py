"""Let SQLite find what expired along its own index: without the state in it, it prefers to go through all that waits."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_03"
down_revision = "20261121_02"
branch_labels = None
depends_on = None

WAITING = {"sqlite_where": sa.text("state = 'waiting'"), "postgresql_where": sa.text("state = 'waiting'")}


def upgrade() -> None:
    op.drop_index("ix_delivery_expires", "delivery")
    op.create_index("ix_delivery_expires", "delivery", ["state", "expires_at"], **WAITING)


def downgrade() -> None:
    op.drop_index("ix_delivery_expires", "delivery")
    op.create_index("ix_delivery_expires", "delivery", ["expires_at"], **WAITING)
