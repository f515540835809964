"""What the prefixes of programs stand for: names that nobody fetches, told apart by their ends."""

from __future__ import annotations

from typing import Final

#: By the end of an IRI: the name of the namespace in the table of predicates.
NAMESPACES: Final = {
    "ontology/object#": "object",
    "ontology/document#": "document",
    "ontology/account#": "account",
    "ontology/session/variable#": "variable",
    "ontology/session/operator#": "operator",
    "ontology/session#": "session",
    "ontology/entity/string#": "string",
    "ontology/entity#": "entity",
    "logics#": "cmw",
    "logics/assert#": "assert",
    "logics/math#": "math",
    "logics/string#": "string",
    "logics/list#": "list",
    "logics/time#": "time",
    "logics/duration#": "time",
    "swap/math#": "math",
    "swap/string#": "string",
    "swap/list#": "list",
    "22-rdf-syntax-ns#": "rdf",
    "XMLSchema#": "xsd",
}  # fmt: skip
_LONGEST_FIRST: Final = sorted(NAMESPACES, key=len, reverse=True)


def namespace_of(iri: str) -> str | None:
    """Return the namespace of an IRI; None when nothing of it is known."""
    return next((NAMESPACES[end] for end in _LONGEST_FIRST if iri.endswith(end)), None)
