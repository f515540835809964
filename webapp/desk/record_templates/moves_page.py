"""Writes docs/tickets.md: the ticket's table of moves in both languages, from its template file.

Run ``python -m webapp.desk.record_templates.moves_page`` after changing the template.
"""

from __future__ import annotations

from pathlib import Path

from webapp.desk.record_templates.loader import BUILTIN
from webapp.desk.record_templates.template_files import MoveEntry, TemplateEntry, read_template

PAGE = Path(__file__).resolve().parents[3] / "docs" / "tickets.md"

WORDS = {
    "ru": {
        "title": "Заявка: статусы и переходы",
        "intro": "Первый статус получает новая заявка. Возможны переходы из таблицы, каждый для своих ролей.",
        "statuses": "Статусы",
        "moves": "Переходы",
        "head": "| Из статуса | Кнопка | В статус | Кто может | Комментарий |",
        "status_head": "| Статус | Системное имя | Смысл |",
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
        "head": "| From | Button | To | Who may | Comment |",
        "status_head": "| Status | System name | Meaning |",
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
    return "\n\n".join(_part(ticket, language) for language in ("ru", "en")) + "\n"


def _part(ticket: TemplateEntry, language: str) -> str:
    words = WORDS[language]
    statuses = [
        f"| {each.names[language]} | `{each.system_name}` | {words[each.kind]} |" for each in ticket.statuses
    ]
    moves = [
        _row(ticket, move, language)
        for status in ticket.statuses
        for move in _from(ticket, status.system_name)
    ]
    return "\n".join(
        [
            f"# {words['title']}",
            f"\n{words['intro']}",
            f"\n## {words['statuses']}\n",
            words["status_head"],
            "|---|---|---|",
            *statuses,
            f"\n## {words['moves']}\n",
            words["head"],
            "|---|---|---|---|---|",
            *moves,
        ]
    )


def _from(ticket: TemplateEntry, status: str) -> list[MoveEntry]:
    return [move for move in ticket.moves if move.from_status == status]


def _row(ticket: TemplateEntry, move: MoveEntry, language: str) -> str:
    words = WORDS[language]
    names = {each.system_name: each.names[language] for each in ticket.statuses}
    roles = ", ".join(words[role] for role in move.roles)
    comment = words["needed"] if move.needs_comment else ""
    cells = (names[move.from_status], move.names[language], names[move.to_status], roles, comment)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
