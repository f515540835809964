"""Every mail and push note, byte for byte as it leaves, beside this file in golden/.

They come out of the real pipeline. ``GOLDEN_UPDATE=1 pytest tests/emails`` writes them anew; read what
changed before it is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import ENGINES
from tests.desk.agreeing import make_agreement
from tests.people.pictures import picture
from tests.stories.cast import Cast
from tests.stories.test_escalations import MONDAY
from tests.stories.test_escalations import STORIES as ESCALATIONS
from tests.stories.test_event_actions import STORIES
from tests.support.background import StoppedClock
from webapp.core.db import db
from webapp.core.locales import LANGUAGES
from webapp.messaging.messages import bodies
from webapp.messaging.messages.models import Message
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.services import invite, request_password_link, send_password_link
from webapp.people.company import logos
from webapp.people.company import settings as company
from webapp.people.company.logo_picture import make_logo
from webapp.people.company.signature import sanitised
from webapp.rules.event_actions import catalogue

#: What a mail says is the same on each database; that it is written on both, the stories show.
ON_ONE_DATABASE = pytest.mark.parametrize("database_app", ENGINES[:1], indirect=True, scope="session")
FOLDER = Path(__file__).parent / "golden"
IS_UPDATE = bool(os.environ.get("GOLDEN_UPDATE"))
SECRET = re.compile(r"(/(?:set-password|ratings)/)[\w\-.]+")
#: Of the octets of a picture, which are another program's.
HASH = re.compile(r"(cid:logo\.)[0-9a-f]{32}")
#: A mail with a signature and a logo: all others have neither.
SIGNED = "ticket.resolved.requester"
SIGNATURES = {
    "ru": "<p>С уважением,<br>ООО «Ромашка»</p>"
    "<ul><li>Телефон: <a href='tel:+74951234567'>+7 495 123-45-67</a></li>"
    "<li><a href='https://daisy.example'>daisy.example</a></li></ul>",
    "en": "Kind regards,\nDaisy & Sons",
}

LINKS: dict[str, Callable[[Cast], object]] = {
    "account.password_link": lambda cast: request_password_link(cast["alice"].email),
    "account.password_sent": lambda cast: send_password_link(cast["alice"], actor=cast["carol"]),
    "account.invited": lambda cast: invite(cast["alice"], actor=cast["carol"]),
}

WORLD = {
    "ru": {
        "company": "ООО «Ромашка»",
        "title": "Не печатает принтер на втором этаже",
        "question": "Купить новый принтер на второй этаж",
        "words": "Посмотрите, пожалуйста: горит лампочка.\n\nБумага есть, картридж новый.",
        "description": "С утра принтер не печатает.\nПерезагрузка не помогла.",
        "work": "Заказать новый картридж",
        "teams": ("Первая линия", "Сетевики"),
        "people": {
            "alice": "Анна Смирнова", "bob": "Борис Кузнецов", "carol": "Карина Волкова",
            "dave": "Денис Попов", "erin": "Елена Соколова", "frank": "Фёдор Лебедев",
            "grace": "Галина Новикова",
        },
    },
    "en": {
        "company": "Daisy & Sons",
        "title": "The printer on the second floor does not print",
        "question": "Buy a new printer for the second floor",
        "words": "Please have a look: a red light is on.\n\nThere is paper, and the cartridge is new.",
        "description": "It has not printed since the morning.\nTurning it off and on did not help.",
        "work": "Order a new cartridge",
        "teams": ("First line", "Network"),
        "people": {
            "alice": "Alice Smith", "bob": "Bob Miller", "carol": "Carol White", "dave": "Dave Brown",
            "erin": "Erin Jones", "frank": "Frank Taylor", "grace": "Grace Wilson",
        },
    },
}  # fmt: skip


@pytest.fixture
def make_world(app: Flask, drain: Callable[[], None], clock: StoppedClock) -> Callable[[str], Cast]:
    """Make the people and the ticket of the stories, all in one language."""

    def make(language: str) -> Cast:
        words = WORLD[language]
        make_agreement()
        texts = {name: words[name] for name in ("title", "words", "description", "work", "question")}
        cast = Cast(drain, **texts)
        cast.gather()
        for name, account in cast.people.items():
            account.name, account.language = words["people"][name], language
        cast.first_line.name, cast.second_line.name = words["teams"]
        card = company.Company(
            name=words["company"], base_url="https://desk.example", default_language=language
        )
        company.change(card, actor=None)
        db.session.commit()
        cast.forget()
        clock.move(minutes=5)
        return cast

    return make


@ON_ONE_DATABASE
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", STORIES)
def test_a_mail_is_as_it_was_read_and_approved(
    make_world: Callable[[str], Cast], code: str, language: str
) -> None:
    cast = make_world(language)
    STORIES[code][0](cast)
    role = next(iter(STORIES[code][1].values()))
    message = next(one for one in cast.messages() if one.rule_code == code and one.role == role)
    compare(message, language)


@ON_ONE_DATABASE
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ESCALATIONS)
def test_a_mail_that_time_sends_is_as_approved(
    make_world: Callable[[str], Cast], clock: StoppedClock, code: str, language: str
) -> None:
    clock.set(MONDAY)
    cast = make_world(language)
    deed, moment, roles = ESCALATIONS[code]
    clock.set(MONDAY)
    deed(cast)
    clock.set(moment)
    role = next(iter(roles.values()))
    message = next(one for one in cast.messages() if one.rule_code == code and one.role == role)
    compare(message, language)


@ON_ONE_DATABASE
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", LINKS)
def test_a_mail_with_a_link_to_set_a_password_is_as_approved(
    make_world: Callable[[str], Cast], code: str, language: str
) -> None:
    cast = make_world(language)
    LINKS[code](cast)
    db.session.commit()
    (message,) = (one for one in cast.messages() if one.rule_code == code)
    compare(message, language)


@ON_ONE_DATABASE
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_with_a_signature_and_a_logo_is_as_approved(
    make_world: Callable[[str], Cast], language: str
) -> None:
    cast = make_world(language)
    signatures = [sanitised(SIGNATURES[code]).html for code in ("ru", "en")]
    company.change_signatures(*signatures, actor=cast["carol"])
    logos.set_logo(make_logo(picture()), actor=cast["carol"])
    db.session.commit()
    STORIES[SIGNED][0](cast)
    message = next(one for one in cast.messages() if one.rule_code == SIGNED)
    compare(message, language, f"{SIGNED}.signed")


def test_every_row_has_its_golden_mails() -> None:
    wanted = {
        f"{code}.{language}.{kind}"
        for code in [*(row.code for row in catalogue.rows()), f"{SIGNED}.signed"]
        for language in LANGUAGES
        for kind in ("txt", "html")
    }
    assert {path.name for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*")), ids=lambda path: path.name)
def test_a_golden_mail_has_no_holes(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    body = words.partition("<body")[2] if path.suffix == ".html" else words
    assert not re.search(r"\{\w+\}", body), "a placeholder was not filled"
    assert not re.search(r"«\s*»|“\s*”|\(\s*\)|None", body), "something is empty"
    assert path.suffix == ".html" or not re.search(r"\S {2,}\S", body), "two spaces"
    is_russian = ".ru." in path.name
    assert bool(re.search("[А-Яа-яЁё]", body)) is is_russian, "the wrong language"


def compare(message: Message, language: str, name: str = "") -> None:
    """Compare the message with its files, or write them."""
    assert message.body is not None
    parts = bodies.unpack(message.body.packed_parts)
    note = db.session.scalar(select(PushNote).where(PushNote.message_id == message.id))
    push = f"Push: {note.title}\n{indent(note.body, '    ')}\n" if note else "Push: none\n"
    plain = f"Subject: {message.title}\n{push}{'-' * 72}\n{parts.text}"
    name = f"{name or message.rule_code}.{language}"
    compare_file(FOLDER / f"{name}.txt", SECRET.sub(r"\1TOKEN", plain))
    compare_file(FOLDER / f"{name}.html", HASH.sub(r"\1HASH", SECRET.sub(r"\1TOKEN", parts.html)))


def compare_file(path: Path, made: str) -> None:
    """Compare byte for byte."""
    if IS_UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(made.encode())
    assert path.exists(), f"{path.name} is not there: GOLDEN_UPDATE=1 pytest tests/emails"
    assert path.read_bytes().decode() == made
