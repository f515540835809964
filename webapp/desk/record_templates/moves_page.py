"""Writes docs/tickets.md and docs/tasks.md: tables of moves in both languages, from the template files.

Run ``python -m webapp.desk.record_templates.moves_page`` after changing a template.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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
        "title": "{}: статусы и переходы",
        "intro": "Первый статус получает новая {}. Возможны переходы из таблицы, каждый для своих ролей.",
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
        "title": "{}: statuses and moves",
        "intro": "A new {} gets the first status. The table has every possible move.",
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


def page(template_name: str) -> str:
    """Return the whole page of a built-in template."""
    template = read_template(BUILTIN / f"{template_name}.toml")
    return "\n".join(_part(template, language) for language in ("ru", "en"))


def _part(template: TemplateEntry, language: str) -> str:
    words, name = WORDS[language], template.singular[language]
    moves = (
        _row(template, move, language)
        for status in template.statuses
        for move in _from(template, status.system_name)
    )
    return (
        f"# {words['title'].format(name)}\n\n{words['intro'].format(name.lower())}\n\n"
        f"## {words['statuses']}\n\n{table(STATUS_HEADS[language], _statuses(template, language))}\n\n"
        f"## {words['moves']}\n\n{table(HEADS[language], moves)}\n"
    )


def _statuses(template: TemplateEntry, language: str) -> Iterator[tuple[str, ...]]:
    for each in template.statuses:
        yield each.names[language], f"`{each.system_name}`", WORDS[language][each.kind]


def _from(template: TemplateEntry, status: str) -> list[MoveEntry]:
    return [move for move in template.moves if move.from_status == status]


def _row(template: TemplateEntry, move: MoveEntry, language: str) -> tuple[str, ...]:
    words = WORDS[language]
    names = {each.system_name: each.names[language] for each in template.statuses}
    roles = ", ".join(words[role] for role in move.roles)
    comment = words["needed"] if move.needs_comment else ""
    return names[move.from_status], move.names[language], names[move.to_status], roles, comment


PARTS: Final = [MadePart(DOCS / f"{name}s.md", "moves", partial(page, name)) for name in ("ticket", "task")]

if __name__ == "__main__":
    write(PARTS)
