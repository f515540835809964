"""Files: contents by their hash, and who added which to a record or a comment."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_06"
down_revision = "20261122_09"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )
    op.create_index(op.f("ix_stored_file_used_at"), "stored_file", ["used_at"])
    op.create_table(
        "record_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_file_record_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_record_file_file_id")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_record_file_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_record_file_author_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["account.id"], name=op.f("fk_record_file_removed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_file")),
    )
    op.create_index("ix_record_file_record_id_id", "record_file", ["record_id", "id"])
    op.create_index("ix_record_file_author_id_created_at", "record_file", ["author_id", "created_at"])
    op.create_index(op.f("ix_record_file_file_id"), "record_file", ["file_id"])
    op.create_index(op.f("ix_record_file_comment_id"), "record_file", ["comment_id"])


def downgrade() -> None:
    op.drop_table("record_file")
    op.drop_table("stored_file")
