"""What one stream sends, and which notes it announces."""

from __future__ import annotations

from datetime import timedelta

import pytest

from webapp.core.clock import now
from webapp.messaging.push.hub import Hub
from webapp.messaging.push.models import PushNote
from webapp.messaging.push.queries import LATEST
from webapp.messaging.push.stream import HEARTBEAT, MOST_TOASTS, Announced, follow, server_event

pytestmark = pytest.mark.pure


class QuietHub(Hub):
    """A hub whose streams do not wait."""

    patience = 0.0


def make_hub(most: int = 10) -> Hub:
    return QuietHub(lambda _hub: None, most=most)


def note(number: int, *, is_read: bool = False, age: timedelta = timedelta()) -> PushNote:
    return PushNote(id=number, created_at=now() - age, read_at=now() if is_read else None)


def ids(notes: list[PushNote]) -> list[int]:
    return [each.id for each in notes]


def test_event_is_written_line_by_line():
    assert server_event("a\nb", name="x", event_id=3) == "event: x\nid: 3\ndata: a\ndata: b\n\n"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\r\r", "\n\n"])
def test_text_cannot_write_fields_of_its_own(end):
    written = server_event(f"harmless{end}event: over{end}retry: 1")
    assert all(line.startswith("data: ") for line in written.strip("\n").splitlines())
    assert "\r" not in written


def test_stream_sends_the_state_at_once_then_changes_and_signs_of_life():
    answers = iter(["first\n\n", "", "second\n\n", None])
    sent = list(follow(make_hub(), 1, 1, lambda: next(answers)))
    assert sent[1:4] == ["first\n\n", HEARTBEAT, "second\n\n"]


def test_stream_of_an_ended_session_tells_the_page_not_to_come_back():
    hub = make_hub()
    sent = list(follow(hub, 1, 1, lambda: None))
    assert sent[-1] == "event: over\ndata: \n\n"
    assert hub.count() == 0


def test_closed_stream_is_forgotten():
    hub = make_hub()
    texts = follow(hub, 1, 1, lambda: "")
    next(texts)
    assert hub.count() == 1
    texts.close()
    assert hub.count() == 0


def test_stream_that_nobody_begins_to_read_takes_no_room():
    hub = make_hub()
    follow(hub, 1, 1, lambda: "").close()
    assert hub.count() == 0


def test_stream_outlives_a_database_that_does_not_answer(caplog):
    answers = iter([RuntimeError("no database"), "state\n\n", None])

    def look() -> str | None:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    sent = list(follow(make_hub(), 1, 1, look))
    assert sent[1:3] == [HEARTBEAT, "state\n\n"]
    assert "could not look at the database" in caplog.text


def test_page_without_room_gets_the_state_and_comes_again_later():
    hub = make_hub(most=0)
    sent = list(follow(hub, 1, 1, lambda: "state\n\n"))
    assert sent == ["retry: 15000\nevent: connected\ndata:\n\n", "state\n\n"]


def test_process_that_stops_lets_the_page_come_back():
    hub = make_hub()
    texts = follow(hub, 1, 1, lambda: "state\n\n")
    next(texts)
    next(texts)
    hub.is_stopping = True
    hub.look_up()
    assert list(texts) == []


def test_page_that_has_just_come_announces_nothing_old():
    announced = Announced(since=None)
    assert announced.take_new([note(2), note(1)]) == []


def test_new_note_is_announced_once():
    announced = Announced(since=None)
    announced.take_new([note(1)])
    assert ids(announced.take_new([note(2), note(1)])) == [2]
    assert announced.take_new([note(2), note(1)]) == []


def test_first_note_of_all_is_announced():
    announced = Announced(since=None)
    announced.take_new([])
    assert ids(announced.take_new([note(1)])) == [1]


def test_note_committed_late_with_a_lower_number_is_announced():
    announced = Announced(since=None)
    announced.take_new([note(5)])
    assert ids(announced.take_new([note(5), note(4)])) == [4]


def test_note_that_was_read_elsewhere_meanwhile_is_not_announced():
    announced = Announced(since=None)
    announced.take_new([])
    assert announced.take_new([note(1, is_read=True)]) == []


def test_of_many_new_notes_the_latest_three_are_announced_oldest_first():
    announced = Announced(since=None)
    announced.take_new([])
    assert ids(announced.take_new([note(number) for number in range(9, 0, -1)])) == [7, 8, 9]
    assert MOST_TOASTS == 3


def test_old_note_that_slides_back_into_a_full_list_is_not_announced():
    announced = Announced(since=None)
    announced.take_new([note(number) for number in range(LATEST + 1, 1, -1)])
    assert announced.take_new([note(number) for number in range(LATEST, 0, -1)]) == []


def test_page_that_was_cut_off_announces_what_came_meanwhile():
    announced = Announced(since=1)
    found = [note(3), note(2, age=timedelta(hours=2)), note(1)]
    assert ids(announced.take_new(found)) == [3], "but not what is long past"
