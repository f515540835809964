"""Tables of records, their values, links, people, comments, files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.desk.record_templates.models import RecordTemplate, Status
from webapp.desk.records import attribute_door
from webapp.files.models import StoredFile
from webapp.people.accounts.models import Account, Team

ALIVE = text("NOT is_archived")
SORT_KEY_LENGTH = 200
#: The condition "not archived" in the very words of the indexes: otherwise SQLite would not use them.
IS_ALIVE = text("NOT record.is_archived")


class Record(Base):
    """Anything that can be notified about. Its id is the number that people see."""

    __tablename__ = "record"
    __table_args__ = (
        Index(
            "ix_record_list", "template_id", "touched_at", "id", sqlite_where=ALIVE, postgresql_where=ALIVE
        ),
        Index(
            "ix_record_status",
            "template_id",
            "status_id",
            "touched_at",
            "id",
            sqlite_where=ALIVE,
            postgresql_where=ALIVE,
        ),
        Index(
            "ix_record_assignee",
            "assignee_id",
            "status_id",
            "touched_at",
            "id",
            sqlite_where=ALIVE,
            postgresql_where=ALIVE,
        ),
        Index("ix_record_team", "team_id", "status_id", "touched_at", "id"),
        Index("ix_record_requester", "requester_id", "id"),
        Index("ix_record_parent", "parent_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("record_template.id"))
    status_id: Mapped[int | None] = mapped_column(ForeignKey("status.id"))
    title: Mapped[str] = mapped_column(String(300))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    requester_address: Mapped[str | None] = mapped_column(String(254))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    priority: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    touched_at: Mapped[datetime] = mapped_column(default=now)
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)

    template: Mapped[RecordTemplate] = relationship(lazy="joined")
    status: Mapped[Status | None] = relationship(lazy="joined")
    author: Mapped[Account | None] = relationship(foreign_keys=[author_id])
    requester: Mapped[Account | None] = relationship(foreign_keys=[requester_id])
    assignee: Mapped[Account | None] = relationship(foreign_keys=[assignee_id])
    team: Mapped[Team | None] = relationship()
    links: Mapped[list[RecordLink]] = relationship(
        foreign_keys="RecordLink.record_id",
        order_by="RecordLink.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - of the attribute's kind
        """Return the value of an attribute, or the system name of the status. Raises KeyError."""
        return attribute_door.read(self, name)

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401 - of the attribute's kind
        """Set the value of an attribute: inside ``recording`` only, otherwise nobody would hear of it."""
        attribute_door.write(self, name, value)


class RecordValue(Base):
    """An index over one listed or unique attribute of one record; derived from its values, can be rebuilt."""

    __tablename__ = "record_value"
    __table_args__ = (
        Index("ix_record_value_sort", "attribute_id", "sort_key", "record_id"),
        UniqueConstraint("attribute_id", "unique_key"),
        {"sqlite_with_rowid": False},
    )

    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute.id", ondelete="CASCADE"), primary_key=True
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=0)
    sort_key: Mapped[str] = mapped_column(
        String(SORT_KEY_LENGTH).with_variant(String(SORT_KEY_LENGTH, collation="C"), "postgresql"), default=""
    )
    unique_key: Mapped[str | None] = mapped_column(String(64))


class RecordLink(Base):
    """A link from a record to a record or an account: the truth for attributes that link."""

    __tablename__ = "record_link"
    __table_args__ = (
        CheckConstraint("(target_record_id IS NULL) <> (target_account_id IS NULL)", name="one_target"),
        Index("ix_record_link_record", "target_record_id", "attribute_id", "record_id"),
        Index("ix_record_link_account", "target_account_id", "attribute_id", "record_id"),
    )

    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute.id", ondelete="CASCADE"), primary_key=True
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=0)
    target_record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    target_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class RecordPerson(Base):
    """A person's part in a record: author, requester, assignee, observer. Who sees it comes from here."""

    __tablename__ = "record_person"
    __table_args__ = (Index("ix_record_person_record_id", "record_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class Comment(Base):
    """A remark on a record: public for all who see it, internal for staff."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_record_id_id", "record_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    is_internal: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(Text)
    #: Where the body mentions whom: lists of first character, end and account.
    mentions: Mapped[list[Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Account | None] = relationship()
    files: Mapped[list[RecordFile]] = relationship(
        primaryjoin="and_(RecordFile.comment_id == Comment.id, RecordFile.removed_at.is_(None))",
        order_by="RecordFile.id",
        viewonly=True,
    )


class RecordFile(Base):
    """A file that somebody added to a record, by itself or with a comment: public, or internal for staff.

    One that was removed keeps its row, and lets go of its content.
    """

    __tablename__ = "record_file"
    __table_args__ = (
        Index("ix_record_file_record_id_id", "record_id", "id"),
        Index("ix_record_file_author_id_created_at", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    octets: Mapped[int] = mapped_column(BigInteger)
    is_internal: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    author: Mapped[Account | None] = relationship(foreign_keys=[author_id])
    stored: Mapped[StoredFile | None] = relationship()


class RequestOnce(Base):
    """A form that was already carried out, so that a browser's repeat does not make a second record."""

    __tablename__ = "request_once"

    nonce: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)
