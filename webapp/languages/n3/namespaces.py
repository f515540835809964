"""What the prefixes of programs stand for: names that nobody fetches, told apart by their ends."""

from __future__ import annotations

from typing import Final

#: By the IRI: the name of the namespace in the catalogue of predicates, which is also the usual prefix.
NAMESPACES: Final = {
    "http://comindware.com/ontology/object#": "object",
    "http://comindware.com/ontology/document#": "document",
    "http://comindware.com/ontology/account#": "account",
    "http://comindware.com/ontology/session#": "session",
    "http://comindware.com/ontology/session/variable#": "variable",
    "http://comindware.com/ontology/session/operator#": "operator",
    "http://comindware.com/ontology/taskStatus#": "taskStatus",
    "http://comindware.com/ontology/entity#": "entity",
    "http://comindware.com/ontology/entity/string#": "string",
    "http://comindware.com/ontology/entity/nullable#": "nullable",
    "http://comindware.com/ontology/dataset/sort#": "sort",
    "http://comindware.com/logics#": "cmw",
    "http://comindware.com/logics/assert#": "assert",
    "http://comindware.com/logics/math#": "math",
    "http://comindware.com/logics/string#": "string",
    "http://comindware.com/logics/list#": "list",
    "http://comindware.com/logics/time#": "time",
    "http://comindware.com/logics/duration#": "time",
    "http://www.w3.org/2000/10/swap/math#": "math",
    "http://www.w3.org/2000/10/swap/string#": "string",
    "http://www.w3.org/2000/10/swap/list#": "list",
    "http://www.w3.org/2000/10/swap/time#": "time",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2001/XMLSchema#": "xsd",
}
#: Programs name them with http or https, and by the address of their own installation.
_BY_PATH: Final = {iri.split("/", 3)[3]: name for iri, name in NAMESPACES.items()}


def namespace_of(iri: str) -> str | None:
    """Return the namespace of an IRI, whatever its host is; None when nothing of it is known."""
    parts = iri.split("/", 3)
    return _BY_PATH.get(parts[-1]) if len(parts) == 4 else None
