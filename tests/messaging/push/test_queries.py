"""What a person's bell holds."""

from __future__ import annotations

from tests.messaging.push.notes import tell
from webapp.messaging.push import queries


def test_bell_counts_what_its_owner_has_not_read(alice, mallory):
    tell(alice, is_read=True)
    tell(alice)
    tell(mallory)
    assert queries.count_unread(alice.id) == 1


def test_bell_holds_the_latest_twenty_newest_first(alice):
    notes = [tell(alice, subject=number) for number in range(1, 23)]
    state = queries.get_bell_state(alice.id)
    assert [note.id for note in state.notes] == [note.id for note in reversed(notes[2:])]
    assert state.unread == 22
    assert state.newest_id == notes[-1].id


def test_empty_bell_has_no_newest_note(alice):
    state = queries.get_bell_state(alice.id)
    assert (state.unread, state.notes, state.groups, state.newest_id) == (0, (), (), 0)


def test_notes_about_one_record_stand_together_where_the_newest_of_them_is(alice):
    first, other, second = tell(alice, subject=7), tell(alice, subject=9), tell(alice, subject=7)
    groups = queries.get_bell_state(alice.id).groups
    assert [[note.id for note in group] for group in groups] == [[second.id, first.id], [other.id]]


def test_notes_about_nothing_stand_alone(alice):
    tell(alice, subject=None)
    tell(alice, subject=None)
    assert [len(group) for group in queries.get_bell_state(alice.id).groups] == [1, 1]


def test_nobody_gets_the_note_of_another(alice, mallory):
    note = tell(alice)
    assert queries.get_note(note.id, alice.id) is note
    assert queries.get_note(note.id, mallory.id) is None
