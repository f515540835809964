"""The people of the demo: who can sign in, and in which teams they work."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "vestnik-demo"  # noqa: S105 - known to everybody; demo mode listens on this machine alone


@dataclass(frozen=True)
class DemoPerson:
    """One account of the demo; ``says`` tells a newcomer what to do as this person, in their language."""

    key: str
    name: str
    role: str
    language: str
    time_zone: str
    says: str
    title: str
    department: str
    manager: str | None = None

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.key}@example.com"


@dataclass(frozen=True)
class DemoTeam:
    """One team of the demo: its leader is the first of its members."""

    name: str
    members: tuple[str, ...]


PEOPLE = (
    DemoPerson(
        "alice", "Алиса Смирнова", "user", "ru", "Europe/Moscow", "спрашивает и ждёт ответа",
        "Специалист по закупкам", "Отдел логистики",
    ),
    DemoPerson(
        "bob", "Bob Miller", "support", "en", "Europe/London", "answers tickets, leads the first line",
        "Service desk lead", "Service desk", "carol",
    ),
    DemoPerson(
        "carol", "Карина Волкова", "technologist", "ru", "Europe/Moscow", "настраивает всё (значок шестерни)",
        "Руководитель ИТ", "ИТ",
    ),
    DemoPerson(
        "dmitry", "Дмитрий Орлов", "support", "ru", "Asia/Yekaterinburg", "чинит сеть, ведёт вторую линию",
        "Сетевой инженер", "ИТ", "carol",
    ),
    DemoPerson(
        "emma", "Emma Clarke", "user", "en", "Europe/London", "asks for things, reads English",
        "Analyst", "Clarke & Partners",
    ),
    DemoPerson(
        "farida", "Фарида Каримова", "support", "ru", "Asia/Almaty", "отвечает на заявки первой линии",
        "Специалист поддержки", "Service desk", "bob",
    ),
    DemoPerson(
        "grace", "Grace Hall", "user", "en", "America/New_York", "asks from another time zone",
        "Consultant", "Clarke & Partners", "emma",
    ),
)  # fmt: skip

TEAMS = (
    DemoTeam("Первая линия", ("bob", "farida")),
    DemoTeam("Сети и серверы", ("dmitry", "farida")),
)
