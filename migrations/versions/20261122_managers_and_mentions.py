"""To whom people answer and where they are found, and whom a comment mentions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_04"
down_revision = "20261122_01"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {"title": 120, "department": 120, "office": 120, "phone": 40}


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("manager_id", ID, nullable=True))
        for name, length in TEXTS.items():
            account.add_column(sa.Column(name, sa.String(length), nullable=True))
        account.create_foreign_key(op.f("fk_account_manager_id"), "account", ["manager_id"], ["id"])
        account.create_index(op.f("ix_account_manager_id"), ["manager_id"])
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.add_column("comment", sa.Column("mentions", json, nullable=True))


def downgrade() -> None:
    op.drop_column("comment", "mentions")
    with op.batch_alter_table("account") as account:
        account.drop_index(op.f("ix_account_manager_id"))
        account.drop_constraint(op.f("fk_account_manager_id"), type_="foreignkey")
        for name in ("manager_id", *TEXTS):
            account.drop_column(name)
