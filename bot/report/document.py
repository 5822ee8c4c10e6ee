"""The report document, `report.age` opened: choices, consent, order and classes of the parts. Days, not instants.

These types are the format: docs/report.schema.json is derived from them (`python -m bot.report.document` prints it),
and a test holds the file to the code. Whoever makes a document may put plain dicts and lists where structs stand
here; whoever reads one gets it whole and strict, or a DocumentError.
"""

import inspect
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from bot.errors import StonechatError
from bot.seal.padding import pad_text

FORMAT = "stonechat.report/1"
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="a day, never an instant")]
Choice = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", description="the code of what was chosen")]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]+$", description="one of several that were chosen, or a country")]
Flag = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_?]*$")]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
State = Annotated[
    Literal["skipped", "not_sure", "not_shown", "replaced"],
    Meta(description="why there is no answer; replaced: the same fact was asked again later, and only that counts"),
]
Class = Annotated[
    Literal["case", "identity", "contact", "sensitive"],
    Meta(description="to whose keys the part is sealed. It stands here only: the manifest is in the clear"),
]


class DocumentError(StonechatError):
    """A document of no known form."""


class PartEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One sealed part: words as they were sent, or a file."""

    part: Annotated[str, Meta(pattern=r"^[0-9]{4,6}\.age$", description="its name in the manifest")]
    cls: Class = field(name="class")
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="of the age file")]
    size: Annotated[int, Meta(ge=0, description="bytes of the original, before padding")]
    media_type: str
    handle_as: Annotated[
        Literal["sensitive"] | UnsetType,
        Meta(description="a later answer raised it: treat it as if its class were this one"),
    ] = UNSET
    after_silence: Annotated[
        bool,
        Meta(
            description="said by whoever held the phone after a silence; shown apart, changes nothing that came before"
        ),
    ] = False
    forwarded: Annotated[bool, Meta(description="somebody else's words, passed on")] = False


class Value(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An answer that is more than a code: a date (value and precision), or words and files (parts, in their order)."""

    value: Annotated[str | UnsetType, Meta(description="2026-03-05, 2026-W10, 2026-03, 2026-Q1 or 2026")] = UNSET
    precision: Literal["day", "week", "month", "quarter", "year"] | UnsetType = UNSET
    parts: tuple[PartEntry, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Either, whole: what the types can't say."""
        dated = (self.value is UNSET, self.precision is UNSET)
        if dated != ((False, False) if self.parts is UNSET else (True, True)):
            raise ValueError("an answer is a date with its precision, or parts")


class Consent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was allowed, by which words of ours, and who said so. `rule`: the stricter holds, whatever was said."""

    answer: str
    text: Annotated[int, Meta(ge=1, description="version of the wording")]
    language: str
    day: Day
    by: Literal["self", "family", "representative", "rule"]


class Consents:
    """One consent (`one`), or one for each country (`each`). In JSON the consent itself, or an object of them."""

    __slots__ = ("each", "one")

    def __init__(self, one: Consent | None, each: Mapping[str, Consent]) -> None:
        """Exactly one of the two is there."""
        self.one, self.each = one, each

    @classmethod
    def read(cls, value: object) -> "Consents":
        """From JSON's builtins. Raises msgspec.ValidationError."""
        if isinstance(value, dict) and "answer" in value:
            return cls(msgspec.convert(value, Consent), {})
        return cls(None, msgspec.convert(value, dict[str, Consent]))


# In one union msgspec can't tell two kinds of object, or two kinds of list, apart. So a Value is a date or parts, and a
# list holds codes or rounds; what of that the types can't say is said in the schema, and checked when one is read.
_EITHER = {
    "oneOf": [{"required": ["parts"], "maxProperties": 1}, {"required": ["value", "precision"], "maxProperties": 2}]
}
_ALIKE = {"anyOf": [{"items": {"type": "string"}}, {"items": {"type": "object"}}]}
Answer = Choice | tuple[Code, ...] | Value
Rounds = Annotated[tuple[Code | dict[str, Answer], ...], Meta(extra_json_schema=_ALIKE)]


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a report that is not somebody's own words.

    `answers` are by step id; a chapter that repeats is a list of rounds under its own id. `fields` says why a step
    has no answer. `receipt` is the age recipient of the return number: answers to its owner are sealed to it.
    """

    format: Literal["stonechat.report/1"]
    report: Annotated[str, Meta(pattern=r"^[a-z2-7]{26}$")]
    version: Annotated[int, Meta(ge=1)]
    state: Annotated[Literal["open", "submitted"], Meta(description="open: it is still being told")]
    flow: str
    flow_version: Annotated[int, Meta(ge=1)]
    language: Language
    channel: Literal["telegram", "signal", "phone", "terminal"]
    opened: Day
    submitted: Day
    urgency: Literal["P0", "P1", "P2", "P3"]
    flags: Annotated[tuple[Flag, ...], Meta(extra_json_schema={"uniqueItems": True})]
    answers: dict[str, Choice | Rounds | Value]
    fields: dict[str, State | tuple[dict[str, State], ...]]
    consent: dict[str, Consents]
    receipt: Annotated[str, Meta(pattern=r"^age1pq1")]

    def parts(self) -> Iterator[PartEntry]:
        """Every part that it names, wherever it stands, in the order of the document. Of a document that was read."""
        for value in _values(self.answers):
            if value.parts is not UNSET:
                yield from value.parts


def _values(node: object) -> Iterator[Value]:
    if isinstance(node, Value):
        yield node
    elif isinstance(node, dict):
        for each in node.values():
            yield from _values(each)
    elif isinstance(node, tuple):
        for each in node:
            yield from _values(each)


def encode(document: Document) -> bytes:
    """JSON that a person can read, padded. Never refuses: what is odd in it is for the reader to see, it must leave."""
    return pad_text(msgspec.json.format(msgspec.json.encode(document, enc_hook=_write), indent=1))


def decode(data: bytes) -> Document:
    """Whole and strict. Raises DocumentError."""
    try:
        document = msgspec.json.decode(data.rstrip(b"\n"), type=Document, dec_hook=_read)
        _check(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "report.age opens to no document of a known form"
        where = str(error).rpartition(" - at ")[2].strip("`") if isinstance(error, msgspec.ValidationError) else ""
        raise DocumentError(
            f"{what} ({where})" if where.startswith("$") else what, mend="use a newer Stonechat, or age itself"
        ) from None
    return document


def _check(document: Document) -> None:
    if len(set(document.flags)) != len(document.flags):
        raise msgspec.ValidationError("a flag twice - at `$.flags`")
    for value in document.answers.values():
        if isinstance(value, tuple) and len({isinstance(each, str) for each in value}) > 1:
            raise msgspec.ValidationError("codes and rounds in one list - at `$.answers`")


def _read(kind: type, value: object) -> object:
    if kind is Consents:
        return Consents.read(value)
    raise NotImplementedError


def _write(value: object) -> object:
    if isinstance(value, Consents):
        return value.one if value.one is not None else dict(value.each)
    raise NotImplementedError


def _shape(kind: type) -> dict[str, Any]:
    if kind is not Consents:
        raise NotImplementedError
    one = {"$ref": "#/$defs/Consent"}
    return {"anyOf": [one, {"type": "object", "additionalProperties": one}]}


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document."""
    (top, _), defs = msgspec.json.schema_components(
        (Document, Consent), schema_hook=_shape, ref_template="#/$defs/{name}"
    )
    defs["Value"] |= _EITHER
    for each in defs.values():
        each["description"] = inspect.cleandoc(each["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stonechat report document, report.age opened",
        **top,
        "$defs": defs,
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n")
