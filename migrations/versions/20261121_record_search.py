"""Full-text search over records."""

from alembic import op

revision = "20261121_02"
down_revision = "20261121_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE record_search USING fts5(body, tokenize = \"unicode61 remove_diacritics 0\", prefix = '2 3')"
        )
        return
    op.execute(
        "CREATE TABLE record_search (record_id BIGINT PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,"
        " body TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_record_search_body ON record_search USING gin (body)")


def downgrade() -> None:
    op.execute("DROP TABLE record_search")
