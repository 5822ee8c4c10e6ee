"""X15: every sentence that a reporter can read is on one list; what nothing backs today is not said."""

import re
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from bot.flow.check import check_folder
from bot.flow.every import Sentence, sentences
from bot.flow.model import Flow
from bot.flow.promisefile import NONE, english, read_list
from bot.flow.promises import BACKINGS, PASSING, SETTLED, said, said_blocks, said_prompt
from bot.talk.sentences import Button, Message, Prompt
from bot.words.catalogue import Words
from bot.words.loading import data_folder, load_flows, load_words, make_reader, newest_flow, offer_languages

LANGUAGES = ("en", "fr", "ar")
ALL = frozenset(BACKINGS)
NOBODY: frozenset[str] = frozenset()


@cache
def ours() -> tuple[Flow, Words, tuple[Sentence, ...]]:
    words = load_words()
    flows, shelf = load_flows(words, organisation="Example Organisation", help_at="help@example.org", look=4)
    flows, _ = offer_languages(words, flows, shelf, LANGUAGES)
    every = tuple(s for s in sentences(flows, shelf) if not s.message.context.startswith("typed."))
    return newest_flow(flows), words, every


# What stands in a sentence beside what every sentence may name: an instance of it, as the engine fills it.
FILLED = {
    "hours": 24, "part": "1", "parts": "5", "number": "1234", "begins": "1234", "organisation": "Example Organisation",
    "help": "help@example.org", "word": "amber amber", "check_word": Message("bot.check_word", "Your check word"),
    "look": 4, "button": Message("bot.wrote_it_down", "I wrote it down"),
}  # fmt: skip


def filled(message: Message) -> Message:
    names = set(re.findall(r"\{(\w+)\}", f"{message.text} {message.plural}"))
    values = {name: FILLED[name] for name in sorted(names) if name in FILLED}
    return Message(message.context, message.text, values, message.plural)


def promised() -> Iterable[str]:
    return [name for name, entry in read_list(data_folder("flows")).items() if entry.needs]


def of(name: str) -> Message:
    return next(filled(s.message) for s in ours()[2] if s.message.context == name)


# --- each promise, in both states, in three languages ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", promised())
def test_x15_a_promise_is_said_while_all_that_backs_it_holds(name: str, language: str) -> None:
    flow, words, _ = ours()
    message = said(flow, ALL, of(name))
    assert message is not None
    assert message.context == name
    text = words.texts((message,), language)
    assert "{" not in text
    if language != "en":
        assert text != words.texts((message,), "en"), "nobody translated it"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "lacks"), [(n, b) for n in promised() for b in sorted(ours()[0].promises[n].needs)])
def test_x15_without_any_one_of_them_something_else_is_said(name: str, lacks: str, language: str) -> None:
    flow, words, _ = ours()
    kept = words.texts((of(name),), language)
    for facts in (ALL - {lacks}, NOBODY):
        message = said(flow, facts, of(name))
        if message is None:
            continue
        assert message.context != name
        promise = flow.promises.get(message.context)
        assert promise is None or promise.needs <= facts
        text = words.texts((message,), language)
        assert "{" not in text
        assert text
        assert text != kept


def test_x15_what_is_said_instead_promises_less() -> None:
    flow, _, _ = ours()
    for name in promised():
        last = said(flow, NOBODY, of(name))
        assert last is None or last.context not in flow.promises


# --- the twenty of the list ---

PROMISES = {
    "told now": r"told now",
    "read within hours": r"within \d+ hours|in \d+ hours",
    "reply in this chat": r"we reply|can't reply|one or two more|our answers (come|reach)",
    "a check word on true messages": r"check word|true messages",
    "a person sees that you asked": r"will see that you asked|person sees",
    "come back with the number": r"come back (from|with your)",
    "erase at any time": r"erase (it )?at any time",
    "trained for young people": r"young people",
    "a trained woman or man": r"woman or man",
    "we will not tell them": r"will not tell",
    "asked again before print": r"ask you again|before it is printed",
    "the urgent desk": r"urgent desk",
    "keep it private": r"keep it private|in private",
    "the UN keeps your name secret": r"name secret",
    "a small trained team": r"trained",
    "kept as long as needed": r"as long as your case",
    "talks with you first": r"talks with you",
    "read all the same": r"will still read",
    "read, most often": r"(a person|someone on (the|its) team) reads",
    "read by people": r"(people|person|somebody|someone) will read",
}


@pytest.mark.parametrize("what", PROMISES)
def test_x15_what_nothing_backs_is_not_said(what: str) -> None:
    """Of an organisation that set nothing up and vouches for nothing."""
    flow, words, every = ours()
    for sentence in every:
        message = said(flow, NOBODY, filled(sentence.message))
        if message is not None:
            # "We can't say when a person reads it" is no promise.
            text = " ".join(
                each for each in re.split(r"(?<=[.?!])\s", words.texts((message,), "en")) if "can't" not in each
            )
            assert not re.search(PROMISES[what], text, re.IGNORECASE), (message.context, text)


@pytest.mark.parametrize("name", ["bot.next", "bot.what_now"])
def test_x15_a_time_is_the_organisations_own_word(name: str) -> None:
    flow, words, _ = ours()
    unsaid = said(flow, NOBODY, of(name))
    assert unsaid is not None
    assert "can't say when" in words.texts((unsaid,), "en")
    vouched = said(flow, frozenset({"first_read"}), of(name))
    assert vouched is not None
    assert "words of Example Organisation" in words.texts((vouched,), "en")


# --- blocks, values and buttons ---


def test_x15_a_paragraph_of_which_nothing_is_left_goes() -> None:
    flow, _, _ = ours()
    told, safe = of("bot.person_told"), of("bot.saved")
    assert said_blocks(flow, NOBODY, (told, safe, (told,), (told, safe))) == (safe, (safe,))
    assert said_blocks(flow, ALL, (told, (told, safe))) == (told, (told, safe))


def test_x15_a_sentence_inside_another_is_looked_at_too() -> None:
    flow, words, _ = ours()
    outer = Message("bot.as_is", "{value}", {"value": of("bot.who")})
    shown = said(flow, NOBODY, outer)
    assert shown is not None
    assert "trained" not in words.texts((shown,), "en")
    several = said(flow, NOBODY, Message("bot.as_is", "{value}", {"value": (of("bot.check_word"), of("bot.saved"))}))
    assert several is not None
    assert words.texts((several,), "en") == words.texts((of("bot.saved"),), "en")


def test_x15_heads_and_buttons_are_looked_at_too() -> None:
    flow, _, _ = ours()
    shown = said_prompt(flow, NOBODY, Prompt((), (Button(of("bot.who"), "x"),), head=of("bot.person_told")))
    assert shown.head is None
    assert shown.choices[0].label.context == "bot.who_plain"


# --- the list itself ---


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    return tmp_path / "flows"


def errors(folder: Path) -> list[str]:
    return check_folder(folder, lambda shelf: make_reader(load_words(), shelf)).errors


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_x15_every_sentence_is_on_the_list(flows: Path) -> None:
    assert errors(flows) == []
    listed = read_list(flows)
    assert {s.message.context for s in ours()[2]} == set(listed)
    assert len(listed) > 800


def test_x15_a_new_sentence_stops_the_check_where_it_stands(flows: Path) -> None:
    edit(flows / "messages.yaml", "more: More …\n", "more: More …\nsoon: A person reads it soon.\n")
    (error,) = errors(flows)
    assert re.match(r".*/messages\.yaml:6: nobody said what 'bot\.soon' promises", error)
    hash_ = english(Message("bot.soon", "A person reads it soon."))
    assert f"add to promises.yaml: 'bot.soon: {{english: {hash_}, promise: none}}'" in error
    with (flows / "promises.yaml").open("a") as file:
        file.write(f"bot.soon: {{english: {hash_}, promise: none}}\n")
    assert errors(flows) == []


CHANGED = [
    ("messages.yaml", "added: Added to what", "added: Added soon to what", "bot.added"),
    ("messages.yaml", "  one: You can rest now. We keep this for {hours} hour.\n", "  one: Rest.\n", "bot.rest"),
    ("messages.yaml", "  other: You can rest now. We keep this for {hours} hours.\n", "  other: Rest.\n", "bot.rest"),
    ("reprisal/1.yaml", "ask: Who needs help?", "ask: Who needs our help?", "reprisal.d_who.ask"),
    ("reprisal/1.yaml", "label: Someone else}", "label: Somebody}", "reprisal.d_who.someone_else"),
    ("reprisal/1.yaml", "says: We are sorry.", "says: We help you.", "reprisal.status_now.dead.says"),
    ("help/anywhere.yaml", "Moving to safety", "Moving you", "help.anywhere.3"),
    ("codes/acts.yaml", "label: Someone was killed", "label: Someone died", "codes.acts.killing"),
]


@pytest.mark.parametrize(("file", "old", "new", "name"), CHANGED, ids=[c[3] + c[2][:9] for c in CHANGED])
def test_x15_a_changed_sentence_stops_the_check(flows: Path, file: str, old: str, new: str, name: str) -> None:
    edit(flows / file, old, new)
    (error,) = errors(flows)
    assert re.search(rf"promises\.yaml:\d+: '{re.escape(name)}' was changed since it was classified", error)
    written = re.search(r"english: (w[0-9a-f]{12})$", error)
    assert written, "the new hash is named"


def entry(name: str) -> str:
    text = (data_folder("flows") / "promises.yaml").read_text()
    found = re.search(rf"^{re.escape(name)}: .*$", text, re.MULTILINE)
    assert found
    return found.group(0)


BROKEN = [
    ("bot.next", "promise: [first_read]", "promise: [hope]", "'bot.next' is backed by 'hope', which is nothing"),
    ("bot.next", ", instead: bot.next_plain", "", "may not hold: what is said then"),
    ("bot.next", "bot.next_plain", "bot.nxt", "'bot.nxt', which is said instead of 'bot.next', is no message"),
    ("bot.next", "bot.next_plain", "bot.next", "goes round in a circle"),
    ("bot.next", "promise: [first_read]", "promis: [first_read]", "unknown key 'promis'"),
    ("bot.next", "promise: [first_read], instead: bot.next_plain", "promise: none, instead: bot.next", "and has an"),
    ("bot.next", ", promise: [first_read], instead: bot.next_plain", "", "needs 'promise'"),
    ("reprisal.agree.ask", "promise: none", "promise: [first_read], instead: bot.next_plain", "is a consent"),
    ("reprisal.d_who.me", "promise: none", "promise: [alarm_heard], instead: bot.done", "people type what stood there"),
    ("reprisal.d_who.me", "promise: none", "promise: [first_read], instead: nothing", "can't be nothing"),
    ("bot.page_title", "promise: none", "promise: [first_read], instead: bot.done", "nothing is said in its place"),
    ("bot.command_back", "promise: none", "promise: [first_read], instead: bot.done", "nothing is said in its place"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "says"), BROKEN, ids=[f"{b[0]} {b[3]}" for b in BROKEN])
def test_x15_a_line_that_can_not_be(flows: Path, name: str, old: str, new: str, says: str) -> None:
    line = entry(name)
    assert old in line
    edit(flows / "promises.yaml", line, line.replace(old, new, 1))
    lines = (flows / "promises.yaml").read_text().splitlines()
    number = next(n for n, each in enumerate(lines, 1) if each.startswith(f"{name}:"))
    found = errors(flows)
    assert any(f"promises.yaml:{number}: " in error and says in error for error in found), found


def test_x15_a_sentence_that_is_gone_is_taken_out(flows: Path) -> None:
    edit(flows / "promises.yaml", entry("bot.next"), f"{entry('bot.next')}\nbot.was: {{english: w1, promise: none}}")
    (error,) = errors(flows)
    assert "'bot.was' is no sentence any more" in error


def test_x15_no_consent_promises_anything() -> None:
    listed = read_list(data_folder("flows"))
    assert [s.message.context for s in ours()[2] if s.is_consent and listed[s.message.context].needs] == []


def test_every_backing_is_known_to_people() -> None:
    text = (data_folder("flows") / "promises.yaml").read_text()
    assert all(re.search(rf"^#\s+{word}\s+\w", text, re.MULTILINE) for word in (*SETTLED, *PASSING))
    assert NONE not in BACKINGS
