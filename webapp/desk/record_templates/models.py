"""Tables of record templates: attributes, statuses, moves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.columns import Id
from webapp.core.db import Base


class RecordTemplate(Base):
    """A type of record: its attributes, its statuses, who sees its records."""

    __tablename__ = "record_template"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    system_name: Mapped[str] = mapped_column(String(60), unique=True)
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    icon: Mapped[str] = mapped_column(String(40), default="file")
    audience: Mapped[str] = mapped_column(String(20), default="participants")
    position: Mapped[int] = mapped_column(SmallInteger, default=100)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_builtin: Mapped[bool] = mapped_column(default=False)

    attributes: Mapped[list[Attribute]] = relationship(
        order_by="Attribute.position", back_populates="template", cascade="all, delete-orphan", lazy="selectin"
    )
    statuses: Mapped[list[Status]] = relationship(
        order_by="Status.position", back_populates="template", cascade="all, delete-orphan", lazy="selectin"
    )
    moves: Mapped[list[Move]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class Attribute(Base):
    """One field of a template's records."""

    __tablename__ = "attribute"
    __table_args__ = (UniqueConstraint("template_id", "system_name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("record_template.id", ondelete="CASCADE"))
    system_name: Mapped[str] = mapped_column(String(60))
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hints: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(String(20))
    column_name: Mapped[str | None] = mapped_column(String(40))
    is_many: Mapped[bool] = mapped_column(default=False)
    is_required: Mapped[bool] = mapped_column(default=False)
    is_unique: Mapped[bool] = mapped_column(default=False)
    is_listed: Mapped[bool] = mapped_column(default=False)
    editable_by: Mapped[str] = mapped_column(String(20), default="participants")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(SmallInteger, default=100)
    is_retired: Mapped[bool] = mapped_column(default=False)

    template: Mapped[RecordTemplate] = relationship(back_populates="attributes")


class Status(Base):
    """A state in which a template's records can be."""

    __tablename__ = "status"
    __table_args__ = (UniqueConstraint("template_id", "system_name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("record_template.id", ondelete="CASCADE"))
    system_name: Mapped[str] = mapped_column(String(60))
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(String(12))
    position: Mapped[int] = mapped_column(SmallInteger, default=100)
    is_retired: Mapped[bool] = mapped_column(default=False)

    template: Mapped[RecordTemplate] = relationship(back_populates="statuses")


class Move(Base):
    """An allowed change from one status to another, and the roles that may make it."""

    __tablename__ = "move"
    __table_args__ = (UniqueConstraint("from_status_id", "to_status_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("record_template.id", ondelete="CASCADE"), index=True)
    from_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="CASCADE"))
    to_status_id: Mapped[int] = mapped_column(ForeignKey("status.id", ondelete="CASCADE"))
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    roles: Mapped[list[Any]] = mapped_column(default=list)
    needs_comment: Mapped[bool] = mapped_column(default=False)

    to_status: Mapped[Status] = relationship(foreign_keys=[to_status_id])
