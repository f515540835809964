"""Writes docs/tickets.md: the ticket's table of moves in both languages, from its template file.

Run ``python -m webapp.desk.record_templates.moves_page`` after changing the template.
"""

from __future__ import annotations

from typing import Final

from webapp.desk.record_templates.loader import BUILTIN
from webapp.desk.record_templates.template_files import MoveEntry, TemplateEntry, read_template
from webapp.manual import DOCS, MadePart, table, write

HEADS: Final = {
    "ru": ("Из статуса", "Кнопка", "В статус", "Кто может", "Комментарий"),
    "en": ("From", "Button", "To", "Who may", "Comment"),
}
STATUS_HEADS: Final = {
    "ru": ("Статус", "Системное имя", "Смысл"),
    "en": ("Status", "System name", "Meaning"),
}
WORDS = {
    "ru": {
        "title": "Заявка: статусы и переходы",
        "intro": "Первый статус получает новая заявка. Возможны переходы из таблицы, каждый для своих ролей.",
        "statuses": "Статусы",
        "moves": "Переходы",
        "needed": "обязателен",
        "new": "новая",
        "open": "в работе",
        "paused": "ожидание",
        "done": "работа закончена",
        "cancelled": "работа отменена",
        "staff": "сотрудники поддержки",
        "technologist": "технологи",
        "author": "автор",
        "requester": "контактное лицо",
        "assignee": "ответственный",
        "observer": "подписчик",
        "team": "команда",
    },
    "en": {
        "title": "Ticket: statuses and moves",
        "intro": "A new ticket gets the first status. The table has every possible move.",
        "statuses": "Statuses",
        "moves": "Moves",
        "needed": "required",
        "new": "new",
        "open": "being worked on",
        "paused": "waiting",
        "done": "the work is over",
        "cancelled": "the work was called off",
        "staff": "support staff",
        "technologist": "technologists",
        "author": "author",
        "requester": "requester",
        "assignee": "assignee",
        "observer": "subscriber",
        "team": "team",
    },
}


def page() -> str:
    """Return the whole page."""
    ticket = read_template(BUILTIN / "ticket.toml")
    return "\n".join(_part(ticket, language) for language in ("ru", "en"))


def _part(ticket: TemplateEntry, language: str) -> str:
    words = WORDS[language]
    statuses = ((each.names[language], f"`{each.system_name}`", words[each.kind]) for each in ticket.statuses)
    moves = (
        _row(ticket, move, language)
        for status in ticket.statuses
        for move in _from(ticket, status.system_name)
    )
    return (
        f"# {words['title']}\n\n{words['intro']}\n\n"
        f"## {words['statuses']}\n\n{table(STATUS_HEADS[language], statuses)}\n\n"
        f"## {words['moves']}\n\n{table(HEADS[language], moves)}\n"
    )


def _from(ticket: TemplateEntry, status: str) -> list[MoveEntry]:
    return [move for move in ticket.moves if move.from_status == status]


def _row(ticket: TemplateEntry, move: MoveEntry, language: str) -> tuple[str, ...]:
    words = WORDS[language]
    names = {each.system_name: each.names[language] for each in ticket.statuses}
    roles = ", ".join(words[role] for role in move.roles)
    comment = words["needed"] if move.needs_comment else ""
    return names[move.from_status], move.names[language], names[move.to_status], roles, comment


PARTS: Final = [MadePart(DOCS / "tickets.md", "moves", page)]

if __name__ == "__main__":
    write(PARTS)
