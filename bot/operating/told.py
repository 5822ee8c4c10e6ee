"""A report in words: each question as its flow asks it, each answer as its option reads, in one language.

What a flow of ours does not know (another flow, another version) stands there by its code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.flow.model import Flow, Step
from bot.flow.session import Session
from bot.flow.values import Answer
from bot.flow.wording import filled, label, wording
from bot.report.contact import Contact
from bot.report.opened import Opened
from bot.talk.sentences import DateValue, Message
from bot.words.catalogue import LocaleError, Words, read_catalogue
from bot.words.languages import catalogue_of, own_name
from bot.words.loading import data_folder, load_flows, load_words

URGENCY = {"P0": "P0, somebody may be in danger now"}
BY = {"self": "", "family": "said by the family", "representative": "said by a representative", "rule": "by a rule"}
OURS = {
    "notes": "Words that belong to no question",
    "after_silence": "Written after a silence: it may be somebody else who held the phone",
}


@dataclass(frozen=True)
class Quote:
    """One sealed part. `mark` is what its reader must know first; `locked` says why there are no words."""

    mark: str
    words: str
    locked: str = ""


@dataclass(frozen=True)
class Row:
    """One question with its answer; with neither value nor quotes it is the head of the rows that are deeper."""

    name: str
    value: str = ""
    quotes: tuple[Quote, ...] = ()
    depth: int = 0
    ours: bool = False  # the name is a word of ours too
    note: str = ""  # of ours, in English, whatever the language of the rest is


@dataclass(frozen=True)
class Told:
    """What is shown of a report. `language` and `direction` are of the questions, not of the reporter's own words."""

    title: str
    language: str
    direction: str
    facts: tuple[Row, ...]
    consent: tuple[Row, ...]
    answers: tuple[Row, ...]
    contact: tuple[Row, ...]
    closed: tuple[str, ...]


class Teller:
    """Flows and words, loaded once for all reports that are opened."""

    def __init__(self, language: str = "") -> None:
        """`language` is asked for; empty: each report's own. Raises LocaleError for one that has no words."""
        self._words, self._asked = load_words(), ""
        self._flows, _ = load_flows(load_words(), organisation="the organisation", help_at="the organisation")
        self._known = {"en"}
        if language:
            self._asked = self._loaded(language)

    def _loaded(self, said: str) -> str:
        code, path = catalogue_of(data_folder("locales"), said)
        if code not in self._known:
            if not path.is_file():
                known = ", ".join(sorted({"en", *(p.name for p in data_folder("locales").glob("[a-z]*"))}))
                raise LocaleError(f"there are no words in '{said}'", mend=f"there are {known}")
            self._words.offer(read_catalogue(path, code))
            self._known.add(code)
        return code

    def tell(self, opened: Opened) -> Told:
        """A report in words, as far as these keys opened it."""
        document = opened.document or {}
        language, note = self._language(str(document.get("language", "en")))
        flow = self._flows.get((str(document.get("flow")), int(document.get("flow_version", 0))))
        telling = _Telling(flow, self._words, language, opened)
        facts = [Row(key, telling.fact(key, document[key])) for key in FACTS if document.get(key)]
        if document.get("state") == "open":
            facts.insert(0, Row("state", "it is still being told: a newer version may come"))
        if note:
            facts.append(Row("words", note))
        return Told(
            f"Report {opened.manifest.report}, version {opened.manifest.version}",
            language.replace("_", "-"),
            self._words.direction(language),
            tuple(facts),
            tuple(telling.consents(document.get("consent", {}))),
            tuple(telling.rows(document.get("answers", {}))),
            tuple(telling.contact(opened.contact)) if opened.contact is not None else (),
            tuple(locked(opened, name) for name in opened.closed),
        )

    def _language(self, of_report: str) -> tuple[str, str]:
        if self._asked:
            return self._asked, ""
        try:
            return self._loaded(of_report), ""
        except LocaleError as error:
            return "en", f"in English: {error.what}"


BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FACTS = ("language", "channel", "opened", "submitted", "urgency", "flags")


def locked(opened: Opened, name: str) -> str:
    """Whose key it waits for. That stands in the document alone: without its key nobody is told."""
    entry = opened.entries.get(name)
    return f"{name}: locked for this key" if entry is None else f"{name}: locked for this key, its class is {entry.cls}"


def marks(entry: Mapping[str, Any]) -> str:
    """What whoever reads these words must know first."""
    found = []
    if entry.get("after_silence"):
        found.append("said after a silence: it may be somebody else who holds the phone")
    if entry.get("forwarded"):
        found.append("passed on: somebody else's words")
    if "handle_as" in entry:
        found.append(f"handle as {entry['handle_as']}")
    return "; ".join(found)


def quotes(opened: Opened, parts: Sequence[Mapping[str, Any]]) -> Iterator[Quote]:
    """The words of an answer, part by part."""
    for part in parts:
        words = opened.texts.get(part["part"])
        yield Quote(marks(part), words or "", "" if words is not None else locked(opened, part["part"]))


class _Telling:
    """One report in one language."""

    def __init__(self, flow: Flow | None, words: Words, language: str, opened: Opened) -> None:
        self._flow, self._words, self._language, self._opened = flow, words, language, opened
        self._session = _session(flow, opened.document or {}) if flow is not None else None

    def fact(self, key: str, value: Any) -> str:
        if key == "language":
            try:
                return f"{own_name(str(value).replace('-', '_'))} ({value})"
            except (ValueError, LookupError):
                return str(value)
        if key == "urgency":
            return URGENCY.get(value, str(value))
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def rows(self, answers: Mapping[str, Any], depth: int = 0, round_: int | None = None) -> Iterator[Row]:
        """What was asked and answered, in the order of the report."""
        for key, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for number, each in enumerate(value):
                    yield Row(f"{self._chapter(key)} {number + 1}", depth=depth)
                    yield from self.rows(each, depth + 1, number)
            elif isinstance(value, dict) and "parts" in value:
                words = "in words" if key.endswith("_words") else ""
                yield Row(
                    self._question(key, round_), "", tuple(quotes(self._opened, value["parts"])), depth, note=words
                )
            elif isinstance(value, dict) and "precision" in value:
                yield Row(self._question(key, round_), self._date(value), depth=depth)
            elif isinstance(value, dict):
                yield Row(key, depth=depth)
                yield from self.rows(value, depth + 1)
            else:
                codes = value if isinstance(value, list) else [value]
                shown = self._between(self._option(self._step(key), str(code)) for code in codes)
                yield Row(self._question(key, round_), shown, depth=depth)

    def consents(self, consent: Mapping[str, Any]) -> Iterator[Row]:
        for name, value in consent.items():
            for item, each in {"": value}.items() if "answer" in value else value.items():
                step = self._consent(name, each["answer"])
                asked = self._question(step.id, None) if step is not None else name
                of = f" ({self._country(item)})" if item else ""
                by = f"; {BY[each['by']]}" if BY.get(each["by"], "") else ""
                note = f"{each['day']}, words of version {each['text']}{by}"
                yield Row(f"{asked}{of}", self._option(step, each["answer"]), note=note)

    def contact(self, contact: Contact) -> Iterator[Row]:
        role = self._flow.roles.contact if self._flow is not None else None
        asked = [step for name in (role.asked if role else ()) if (step := self._step(name))]
        step = next((s for s in asked if s.option(contact.how)), None)
        yield Row(self._question(step.id, None) if step else "how", self._option(step, contact.how))
        if contact.when is not None:
            when = self._step(role.when) if role else None
            yield Row(self._question(when.id, None) if when else "when", self._option(when, contact.when))
        yield Row("check word", contact.check_word, ours=True)
        yield Row("language", self.fact("language", contact.language), ours=True)
        if contact.channel is not None:
            yield Row("channel", contact.channel, ours=True)
        if contact.address is not None:
            yield Row("address", contact.address, ours=True)

    def _step(self, key: str) -> Step | None:
        return self._flow.steps.get(key.removesuffix("_words")) if self._flow is not None else None

    def _consent(self, name: str, answer: str) -> Step | None:
        named = [s for s in self._flow.consents if s.known_as == name] if self._flow is not None else []
        return next((s for s in named if s.option(answer)), named[0] if named else None)

    def _put(self, message: Message) -> str:
        return _unmarked(self._words.of(self._language).put(message))

    def _question(self, key: str, round_: int | None) -> str:
        """Its first paragraph: what follows there explains."""
        if key in OURS:
            return OURS[key]
        step = self._step(key)
        if step is None or self._flow is None or self._session is None:
            return key
        message = wording(self._flow, self._session, step, round_)
        return self._put(message).split("\n\n")[0].replace("\n", " ").strip()

    def _chapter(self, key: str) -> str:
        chapters = self._flow.chapters if self._flow is not None else ()
        title = next((c.title for c in chapters if c.id == key and c.title is not None), None)
        return self._put(title) if title is not None else key

    def _option(self, step: Step | None, code: str) -> str:
        if step is None or self._flow is None or self._session is None:
            return code
        if step.kind == "country":
            return self._country(code)
        option = step.option(code)
        return code if option is None else self._put(filled(self._flow, self._session, self._label(option)))

    def _label(self, option: Any) -> Message:
        assert self._flow is not None
        assert self._session is not None
        return label(self._flow, self._session, option)

    def _country(self, code: str) -> str:
        found = self._flow.codes["countries"].get(code) if self._flow is not None else None
        return self._put(found) if found is not None else code

    def _between(self, values: Iterator[str]) -> str:
        return ("، " if self._language in ("ar", "fa", "ur") else ", ").join(values)

    def _date(self, value: Mapping[str, Any]) -> str:
        try:
            first, _, until = value["value"].partition("/")
            found = DateValue(_day(first), value["precision"], _day(until) if until else None)
            return self._put(Message("", "{day}", {"day": found}))
        except (ValueError, TypeError):
            return f"{value['value']} ({value['precision']})"


def _unmarked(words: str) -> str:
    """Our own sentences hold direction marks for screens; a printer shows every such mark as a number."""
    return "".join(c for c in words if c not in BIDI)


def _day(code: str) -> date:
    """The first day of `2026-03-05`, `2026-W10`, `2026-03`, `2026-Q1`, `2026`. Raises ValueError."""
    if "Q" in code:
        year, _, quarter = code.partition("-Q")
        return date(int(year), int(quarter) * 3 - 2, 1)
    if code.count("-") < 2 and "W" not in code:
        year, _, month = code.partition("-")
        return date(int(year), int(month or 1), 1)
    return date.fromisoformat(code)


def _session(flow: Flow, document: Mapping[str, Any]) -> Session:
    """As much of the conversation as its report tells: which wording of a question was asked depends on it."""
    answers: dict[str, Answer] = {}
    rounds: dict[str, int] = {}
    for key, value in document.get("answers", {}).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rounds[key] = len(value)
            for number, told in enumerate(value):
                answers |= {f"{step}/{number}": _answer(each) for step, each in told.items()}
        else:
            answers[key] = _answer(value)
    for step in flow.consents:
        given = document.get("consent", {}).get(step.known_as)
        if given is not None and "answer" in given and step.option(given["answer"]):
            answers[step.id] = Answer("answered", (given["answer"],))
    return Session(
        flow.id,
        flow.version,
        1,
        channel=str(document.get("channel", "")),
        answers=answers,
        rounds=rounds,
        raised=tuple(document.get("flags", ())),
        agreed=True,
    )


def _answer(value: Any) -> Answer:
    codes = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return Answer("answered", tuple(map(str, codes)))
