"""Tables of record templates: attributes, statuses, moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.languages.values import KINDS, Typed

FALLBACK_LANGUAGE = "en"
TONES = {"new": "accent", "open": "info", "paused": "warning", "done": "success", "cancelled": "neutral"}


def label(names: Mapping[str, Any], language: str) -> str:
    """Return the name in the language, else in English, else whatever there is."""
    return str(names.get(language) or names.get(FALLBACK_LANGUAGE) or next(iter(names.values()), ""))


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
    is_retired: Mapped[bool] = mapped_column(default=False)

    attributes: Mapped[list[Attribute]] = relationship(
        order_by="Attribute.position",
        back_populates="template",
        cascade="all, delete-orphan",
        lazy="selectin",
    )
    statuses: Mapped[list[Status]] = relationship(
        order_by="Status.position", back_populates="template", cascade="all, delete-orphan", lazy="selectin"
    )
    moves: Mapped[list[Move]] = relationship(
        order_by="Move.id", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def live_attributes(self) -> list[Attribute]:
        """The attributes in use, in order."""
        return [attribute for attribute in self.attributes if not attribute.is_retired]

    @property
    def live_statuses(self) -> list[Status]:
        """The statuses in use, in order."""
        return [status for status in self.statuses if not status.is_retired]

    def attribute(self, name: str) -> Attribute:
        """Return the attribute called so, in use or retired. Raises KeyError."""
        return next((each for each in self.attributes if each.system_name == name), None) or _missing(
            self, name
        )

    def attribute_in(self, column: str) -> Attribute | None:
        """Return the attribute in use whose value lies in the column of the record."""
        return next((each for each in self.live_attributes if each.column_name == column), None)

    def status(self, name: str) -> Status:
        """Return the status called so, in use or retired. Raises KeyError."""
        return next((each for each in self.statuses if each.system_name == name), None) or _missing(
            self, name
        )

    @property
    def first_status(self) -> Status | None:
        """The status of a new record; None for a template without statuses."""
        return next(iter(self.live_statuses), None)

    def label(self, language: str) -> str:
        """Return what its records are called: Tickets."""
        return label(self.names, language)

    def singular(self, language: str) -> str:
        """Return what one of its records is called: Ticket."""
        return label(self.options.get("singular") or self.names, language)

    @property
    def created_by(self) -> str:
        """Who may make records: everyone, staff or technologist."""
        return str(self.options.get("created_by", "staff"))

    @property
    def fixed(self) -> frozenset[str]:
        """The attributes that are filled in when a record is made and never changed by a form."""
        return frozenset(self.options.get("fixed", ()))

    @property
    def roles(self) -> frozenset[str]:
        """The parts in its records that no attribute gives, but a package above."""
        return frozenset(self.options.get("roles", ()))

    def create_label(self, language: str) -> str:
        """Return what the button says that makes a record; nothing for the usual words."""
        names = self.options.get("create_label")
        return label(names, language) if names else ""

    @property
    def list_columns(self) -> list[Attribute]:
        """The attributes that its list shows as columns; the other listed ones only filter it."""
        listed = [each for each in self.live_attributes if each.is_listed]
        names = self.options.get("list_columns")
        if names is None:
            return listed
        by_name = {each.system_name: each for each in listed}
        return [by_name[name] for name in names if name in by_name]


def _missing(template: RecordTemplate, name: str) -> Any:  # noqa: ANN401 - it never returns
    raise KeyError(f"the template {template.system_name} has no {name!r}")


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
    default: Mapped[str | None] = mapped_column(String(200))
    is_retired: Mapped[bool] = mapped_column(default=False)

    template: Mapped[RecordTemplate] = relationship(back_populates="attributes")

    @property
    def typed(self) -> Typed:
        """The kind of its values with its settings."""
        return Typed(KINDS[self.kind], self.is_many, self.options)

    @property
    def is_sortable(self) -> bool:
        """Whether lists can be sorted by it."""
        return self.is_listed and self.typed.kind.is_sortable and not self.is_many

    @property
    def is_filter(self) -> bool:
        """Whether lists can be filtered by it."""
        return self.is_listed and self.typed.kind.is_filter

    def label(self, language: str) -> str:
        """Return its name in the language."""
        return label(self.names, language)

    def hint(self, language: str) -> str:
        """Return what its form field explains, empty text when nothing."""
        return label(self.hints, language) if self.hints else ""


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

    @property
    def tone(self) -> str:
        """The colour in which pages show it."""
        return TONES.get(self.kind, "neutral")

    @property
    def is_final(self) -> bool:
        """Whether the work is over."""
        return self.kind in {"done", "cancelled"}

    def label(self, language: str) -> str:
        """Return its name in the language."""
        return label(self.names, language)


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

    from_status: Mapped[Status] = relationship(foreign_keys=[from_status_id])
    to_status: Mapped[Status] = relationship(foreign_keys=[to_status_id])

    def label(self, language: str) -> str:
        """Return what its button says."""
        return label(self.names, language)
