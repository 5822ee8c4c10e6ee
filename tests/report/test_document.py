"""The document: typed, strict when it is read, and its schema in docs/ is the code's."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from bot.report import document
from bot.report.document import UNSET, Consent, Document, DocumentError

FILE = Path(__file__).parents[2] / "docs" / "report.schema.json"
SCHEMA = json.loads(FILE.read_text())
PART = {
    "part": "0001.age",
    "class": "case",
    "sha256": "0" * 64,
    "size": 12,
    "media_type": "text/plain; charset=utf-8",
}
CONSENT = {"answer": "yes", "text": 1, "language": "en", "day": "2026-11-24", "by": "self"}
GOOD: dict[str, Any] = {
    "format": "stonechat.report/1",
    "report": "a" * 26,
    "version": 1,
    "state": "submitted",
    "flow": "reprisal",
    "flow_version": 1,
    "language": "ar",
    "channel": "telegram",
    "opened": "2026-11-24",
    "submitted": "2026-11-24",
    "urgency": "P1",
    "flags": ["MINOR", "UN_DATE_SOON?"],
    "answers": {
        "status": "free_at_risk",
        "where": ["KE", "UG"],
        "none": [],
        "when": {"value": "2026-03", "precision": "month"},
        "story": {"parts": [PART, PART | {"part": "0002.age", "handle_as": "sensitive"}]},
        "incidents": [
            {"types": ["travel_ban"], "when": {"value": "2026", "precision": "year"}, "who": {"parts": []}},
            {},
        ],
        "notes": {"parts": [PART | {"part": "0003.age", "after_silence": True, "forwarded": True}]},
    },
    "fields": {"a": "skipped", "b": "replaced", "incidents": [{"c": "not_sure"}, {"d": "not_shown"}]},
    "consent": {"share": CONSENT, "raise": {"KE": CONSENT, "UG": CONSENT | {"by": "rule"}}, "nobody": {}},
    "receipt": "age1pq1xyz",
}


def test_the_schema_in_docs_is_the_codes() -> None:
    """`make schema` writes it."""
    assert document.schema() == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def changed(path: str, value: object) -> dict[str, Any]:
    """GOOD with one thing changed; a value of `...` takes it away."""
    one: Any = copy.deepcopy(GOOD)
    *way, last = [int(w) if w.isdecimal() else w for w in path.split("/")]
    at = one
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return dict(one)


def test_a_whole_document_is_read_as_it_was_written() -> None:
    jsonschema.validate(GOOD, SCHEMA)
    read = document.decode(json.dumps(GOOD).encode() + b"\n\n")
    assert [e.part for e in read.parts()] == ["0001.age", "0002.age", "0003.age"]
    assert [e.handle_as for e in read.parts()] == [UNSET, "sensitive", UNSET]
    assert [(e.after_silence, e.forwarded) for e in read.parts()] == [(False, False), (False, False), (True, True)]
    one = msgspec.convert(CONSENT, Consent)
    assert (read.consent["share"].one, read.consent["share"].each) == (one, {})
    assert read.consent["raise"].one is None
    assert read.consent["raise"].each["KE"] == one
    assert read.consent["raise"].each["UG"].by == "rule"
    assert json.loads(document.encode(read)) == GOOD


def test_it_may_be_made_of_plain_values() -> None:
    made = document.encode(Document(**GOOD))
    assert json.loads(made) == GOOD
    assert len(made) in (1024, 2048, 2304, 2560)  # padded
    jsonschema.validate(json.loads(made), SCHEMA)


WRONG: list[tuple[str, object]] = [
    *((name, ...) for name in GOOD),
    ("more", 1),
    ("format", "stonechat.report/2"),
    ("report", "A" * 26),
    ("report", "a" * 25),
    ("version", 0),
    ("version", "1"),
    ("state", "held"),
    ("flow_version", 0),
    ("language", "english"),
    ("channel", "carrier pigeon"),
    ("opened", "2026-11-24T12:00:00"),
    ("submitted", "yesterday"),
    ("urgency", "P4"),
    ("flags", ["minor"]),
    ("flags", ["MINOR", "MINOR"]),
    ("receipt", "age1xyz"),
    ("answers/status", "Free words of somebody"),
    ("answers/status", 5),
    ("answers/status", None),
    ("answers/where", ["K E"]),
    ("answers/where", ["KE", {"status": "x"}]),
    ("answers/where", "KE"),
    ("answers/when", {"value": "2026"}),
    ("answers/when", {"precision": "year"}),
    ("answers/when", {"value": "2026", "precision": "century"}),
    ("answers/when", {"value": "2026", "precision": "year", "parts": []}),
    ("answers/when", {}),
    ("answers/story", {"parts": [], "more": 1}),
    ("answers/story", {"parts": None}),
    ("answers/incidents/0/types", [{"deeper": "x"}]),
    ("answers/incidents/0/when", {"value": "2026"}),
    ("answers/incidents/0/who", {"parts": [{}]}),
    *((f"answers/story/parts/0/{name}", ...) for name in PART),
    ("answers/story/parts/0/part", "../x.age"),
    ("answers/story/parts/0/part", "report.age"),
    ("answers/story/parts/0/class", "secret"),
    ("answers/story/parts/0/sha256", "0" * 63),
    ("answers/story/parts/0/size", -1),
    ("answers/story/parts/0/handle_as", "case"),
    ("answers/story/parts/0/handle_as", None),
    ("answers/story/parts/0/after_silence", "yes"),
    ("answers/story/parts/0/forwarded", 1),
    ("answers/story/parts/0/words", "what they said"),
    ("fields/a", "forgotten"),
    ("fields/incidents", [{"c": "forgotten"}]),
    *((f"consent/share/{name}", ...) for name in CONSENT),
    ("consent/share/by", "nobody"),
    ("consent/share/text", 0),
    ("consent/share/day", "now"),
    ("consent/share/more", 1),
    ("consent/raise/KE/by", "nobody"),
    ("consent/raise/KE", "yes"),
    ("consent/raise", "yes"),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_the_reader_and_the_schema_refuse_the_same(path: str, value: object) -> None:
    wrong = changed(path, value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)
    with pytest.raises(DocumentError):
        document.decode(json.dumps(wrong).encode())


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"5", b"[" * 100_000])
def test_what_is_no_document_is_one_error(data: bytes) -> None:
    with pytest.raises(DocumentError, match="no document"):
        document.decode(data)


def test_its_error_says_where_and_never_what() -> None:
    """Promise 6: an operator's line holds no answer."""
    with pytest.raises(DocumentError) as found:
        document.decode(json.dumps(changed("answers/status", "Unmistakable words")).encode())
    assert "Unmistakable" not in str(found.value)
    assert "$.answers" in str(found.value)
