"""Programs find what they should, in the order of their statements."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.languages.n3.conftest import MOMENT, program
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.predicates.wishes import NewDocument
from webapp.languages.n3.program import Result, compile_program
from webapp.languages.n3.running import Effect
from webapp.languages.n3.samples import samples
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref

Run = Callable[[str], Result]
TITLES = "from { ?item ?collAttr ?c. ?c ?titleAttr ?n } select ?n -> ?l."
NUMBERS = "from { ?item ?collAttr ?c. ?c ?numAttr ?n. } select ?n -> ?l."
PAIRS = "from { ?item ?collAttr ?c. ?c ?numAttr ?n } select (?n ?c) -> ?l."
FIRST, SECOND = Ref("record", 20), Ref("record", 21)
CAROL, MAIL = Ref("account", 1), "carol@example.com"


def test_the_faulty_program_of_the_documents_is_refused_with_the_name_that_was_meant() -> None:
    (mended,) = (each.text for each in samples() if each.name == "attachment_content")
    faulty = mended.replace("?currentDocument document:content", "?content document:content")
    with pytest.raises(ProgramError) as refused:
        compile_program(faulty)
    assert str(refused.value) == "8:5: ?content has no value here. Is ?currentDocument meant?"


def test_the_program_of_the_documents_may_have_remarks_and_forget_its_dots(scope: Scope) -> None:
    found = compile_program("""
        # Функции для работы с записями и документами
        @prefix object: <http://comindware.com/ontology/object#>
        @prefix document: <http://comindware.com/ontology/document#>.
        {
            ("Elpisma" "Vlozhenie") object:findProperty ?attribute  # . здесь точка забыта
            ?item ?attribute ?file.. ?file document:currentRevision ?revision.
            ?revision document:name ?value
        }
    """).run(scope)
    assert found.value == "Договор"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ('if { ?item ?emptyAttr ?. } then { ?item ?emptyAttr ?value } else { "" -> ?value }.', ("",)),
        ("if { ?item ?collAttr ?. } then { ?item ?collAttr ?value }.", (FIRST, SECOND)),
        (f"{NUMBERS} ?l cmwmath:sum ?value.", (Decimal(7),)),
        (f'{TITLES} ("; " ?l) cmwstring:join ?value.', ("Ноутбук; Монитор",)),
        ("from { ?item ?emptyAttr ?c. } select ?c -> ?l. ?l cmwlist:length ?value.", (Decimal(0),)),
        (f"{PAIRS} ?l list:member ?t. ?t -> (?x ?value).", (FIRST, SECOND)),
        ("{ ?item ?collAttr ?c. } assert:count ?value.", (Decimal(2),)),
        ("({?item ?collAttr ?value} {?item ?ownerAttr ?value}) assert:union true.", (FIRST, SECOND, CAROL)),
        ("cmw:securityContext cmw:currentUser ?u. ?value ?ownerAttr ?u.", (Ref("record", 10),)),
        ('?value a [object:alias "Assets"]. ?value ?numAttr ?n. ?n math:greaterThan 3.', (SECOND,)),
        ("or {?item ?emptyAttr ?value} or {?item ?ownerAttr ?o. ?o account:mbox ?value}", (MAIL,)),
        ("or { ?item ?collAttr ?value } or { ?item ?ownerAttr ?value }", (FIRST, SECOND)),
        ("once { ?item ?collAttr ?value }", (FIRST,)),
        ("not { ?item ?emptyAttr ?. }. true -> ?value", (True,)),
        ("if { 1 == 2 } then { 1 -> ?value }.", ()),
        ("({ 1 -> ?x } { 2 -> ?value }) assert:union true.", (Decimal(2),)),
        ("not { ?item ?collAttr ?. }. true -> ?value", ()),
        ('{ ?a a [object:alias "Assets"]. 1 -> ?value } assert:distinct ?value.', (Decimal(1),)),
        ("session:context variable:attachment ?a. ?a variable:Content ?value.", ("QUJD",)),
        ('session:context variable:mail ?m. (?m "!") cmwstring:concatenation ?value.', ("Привет!",)),
        ("session:context session:requestTime ?value.", (MOMENT,)),
        ("session:context session:requestTime ?now. ?now cmwtime:year ?value.", (Decimal(2026),)),
        ('?item ?collAttr ?c. ?c ?titleAttr "Монитор". ?c -> ?value.', (SECOND,)),
        ('?value ?titleAttr "Монитор".', (SECOND,)),
        ("?x ?numAttr ?n. ?n math:notLessThan 4. ?x -> ?value.", (SECOND,)),
        ("?item ?collAttr ?c. ?c == ?value.", (FIRST, SECOND)),
        ("?item ?collAttr ?c. ?c ?numAttr ?n. ?n != 3. ?c -> ?value.", (SECOND,)),
        ("(10 4) math:difference ?value.", (Decimal(6),)),
        ('("-" "a-b") cmwstring:split ?l. ?l list:last ?value.', ("b",)),
        ('"Привет" string:contains "рив". 1 -> ?value.', (Decimal(1),)),
        ('"x" string:matches "^y". 1 -> ?value.', ()),
        ('("{0}: {1}" "a" 2) string:format ?value.', ("a: 2",)),
        ("(3 1 2) -> ?l. (?l) assert:sort ?s. ?s list:member ?value.", (Decimal(1), Decimal(2), Decimal(3))),
        ('"a\\"b\\u0041" -> ?value.', ('a"bA',)),
        ('"""x"y""" -> ?value', ('x"y',)),
        ('"2.50"^^xsd:decimal -> ?value', (Decimal("2.5"),)),
        ('"9999999999999999999999999999.9"^^xsd:decimal -> ?value', (Decimal(10**28),)),
        ("9999999999999999999999999999.9 -> ?value", (Decimal(10**28),)),
        ('"true"^^xsd:boolean -> ?value', (True,)),
        ('"x"^^<http://www.w3.org/2001/XMLSchema#string> -> ?value', ("x",)),
        ('"2026-11-22T12:30:00Z"^^xsd:dateTime -> ?value', (MOMENT,)),
        ("({ true -> ?x } { 1 -> ?x }) assert:union true. ?x -> ?value", (True, Decimal(1))),
        ('?item a [object:alias "Elpisma"]. 1 -> ?value', (Decimal(1),)),
        ('?item a [object:alias "Assets"]. 1 -> ?value', ()),
        ('?item ?collAttr ?value. ?t object:alias "Assets". ?value a ?t.', (FIRST, SECOND)),
        ("((1 2) 3) list:append ?value.", (Decimal(1), Decimal(2), Decimal(3))),
        ("((1 (2 3))) list:append ?l. ?l list:length ?value.", (Decimal(2),)),
        ("4 math:negation -4. 1 -> ?value", (Decimal(1),)),
        ("(1 2) math:sum 4. 1 -> ?value", ()),
        ("{ ?item ?collAttr ?c } assert:count 2. 1 -> ?value", (Decimal(1),)),
        ("((1 2) (3 4)) list:member (?x 4). ?x -> ?value", (Decimal(3),)),
        ("?item ?ownerAttr ?o. ?o account:mbox ?.. ?o -> ?value", (CAROL,)),
    ],
)  # fmt: skip
def test_a_program_finds_these_values(run: Run, statements: str, expected: tuple[object, ...]) -> None:
    assert run(statements).values == expected


def test_one_value_is_itself_several_are_a_list_and_none_is_nothing(run: Run) -> None:
    assert run("1 -> ?value").value == 1
    assert run("?item ?collAttr ?value").value == (FIRST, SECOND)
    assert run("?item ?emptyAttr ?value").value is None


def test_a_program_says_what_it_wants_done_and_does_nothing(run: Run) -> None:
    wanted = run(
        'variable:answer operator:replace "yes". ("QUJD" "a.txt") document:attach ?value. 1 -> ?value'
    ).effects
    assert wanted == (
        Effect("operator:replace", "answer", "yes"),
        Effect("document:attach", ("QUJD", "a.txt"), NewDocument("a.txt", "QUJD")),
    )


def test_a_new_document_is_a_value_before_it_is_there(run: Run) -> None:
    found = run('("QUJD" "a.txt") document:attach ?file. (?file) -> ?files. ?files list:member ?value.')
    assert found.value == NewDocument("a.txt", "QUJD")


def test_a_wish_may_be_about_a_part_of_something_and_have_parts(run: Run) -> None:
    found = run(
        "session:context variable:attachment ?set. (?item variable:files) operator:add ?set."
        " variable:files operator:clear ?. (?item variable:files) operator:add ?set. 1 -> ?value"
    )
    whole = {"Content": "QUJD", "Name": "a"}
    assert found.effects == (
        Effect("operator:add", (Ref("record", 10), "files"), whole),
        Effect("operator:clear", "files", None),
    )


@pytest.mark.parametrize("statement", ["?asset a ?t", "?asset ?titleAttr ?title"])
def test_what_was_read_once_is_not_read_again(store: MemoryStore, scope: Scope, statement: str) -> None:
    text = program(f'1 -> ?value. "Assets" -> ?t. (1 2 3 4 5) list:member ?n. {statement}. ?n list:in (?n)')
    compile_program(text).run(scope)
    assert store.questions <= 2


def test_a_link_over_a_thousand_records_is_a_handful_of_questions() -> None:
    store = MemoryStore()
    rows = tuple(store.add("record", "Assets", num=Decimal(number), title="x") for number in range(1_000))
    record = store.add("record", "Elpisma", coll=rows, owner=None, empty=None)
    statements = "from { ?item ?collAttr ?c. ?c ?numAttr ?n } select ?n -> ?l. ?l cmwmath:sum ?value."
    found = compile_program(program(statements)).run(Scope(store, record, Reader(), MOMENT))
    assert found.value == 499_500
    assert store.questions == 2
