"""What the launcher prints when the first page answers, in both languages."""

from __future__ import annotations

from webapp.core.config import Config

LINE = "─" * 78


def text(config: Config, address: str) -> str:
    """Return the address and, in demo mode, who can sign in."""
    lines = ["", LINE, f"  Vestnik works · Вестник работает:  {address}"]
    lines += _demo_lines(address) if config.is_demo else _empty_lines()
    return "\n".join([*lines, "  Ctrl-C stops everything · Ctrl-C останавливает всё", LINE, ""])


def _demo_lines(address: str) -> list[str]:
    from webapp.demo.people import PASSWORD, PEOPLE  # noqa: PLC0415 - a real installation has none of them

    mails = max(len(person.email) for person in PEOPLE)
    names = max(len(person.name) for person in PEOPLE)
    rows = [f"    {person.email:<{mails}}  {person.name:<{names}}  {person.says}" for person in PEOPLE]
    return [
        "",
        f"  Sign in as anyone · Войдите как любой из них, password · пароль:  {PASSWORD}",
        "",
        *rows,
        "",
        f"  The demo mailbox · Демонстрационный почтовый ящик:  {address}/demo/mailbox",
        "",
    ]


def _empty_lines() -> list[str]:
    return [
        "",
        "  The first page makes the first technologist.",
        "  Первая страница заводит первого технолога.",
        "",
    ]
