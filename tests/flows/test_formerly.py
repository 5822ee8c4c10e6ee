"""Records that version 0.1.0 wrote (schema_1.msgpack, made with its own code): each goes on as it stood."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.flow.formerly import session_of_schema_1
from bot.flow.prompts import prompt
from bot.flow.screens import Held, Language, Neutral, Number, Over, Review, Sure
from bot.flow.session import Session, is_over
from bot.flow.step import step
from bot.talk.events import MessageRef, Pressed, Said
from tests.flows.pure import world

RECORDS: list[dict[str, Any]] = msgspec.msgpack.decode((Path(__file__).parent / "schema_1.msgpack").read_bytes())


RENAMED = {
    "Not yet: keep it locked 30 days": "Not yet: lock it, erase it after 30 days",
    "If they know": "If they know and agree",
    "Your age": "Under 18",
    "How the person is now": "How it is now",
    "Who may see it": "If the UN may see it",
}
FULL_YES = {"consent_share": "Yes, to the UN team", "d_share": "Yes, pass it on now"}  # X08: none is a bare "Yes"
REWORDED = {  # X15: what nothing kept is not said any more
    " We ask them to keep it private.": "",
    "May we pass it to the UN urgent desk now?": "May we tell the UN human rights office now?",
    "read what you tell us here, and act on it if it can?": "read this, and see what it can do?",
    "When is it safe to write?": "When is it safe to write? We mean the time where you are.",
    "Your age:": "Under 18:",
    "How the person is now:": "How it is now:",
    "Who may see it:": "If the UN may see it:",
    "If they know:": "If they know and agree:",
    "We ask for no letter to a government and no public report. That changes only if you say yes later.": (
        "Nothing in it says yes to a letter to a government, or to a public report."
    ),
    "Pick all that fit. You do not need": "You do not need",
    "I read 5 March": "I read Thursday 5 March",  # read back with it now
}


def today(record: dict[str, Any]) -> list[str]:
    """What stood there then, by its words of today: no button is lost. Their order is the flow's of today (X08)."""
    at, labels = record["raw"]["at"], [label.removeprefix("✓ ") for label in record["labels"]]
    labels = [RENAMED.get(label, FULL_YES.get(at, label) if label == "Yes" else label) for label in labels]
    more = {"if_silent": ["Tell me more first"], "number": ["I am in danger"]}
    return [*labels, *more.get(at, [])]


def reworded(text: str) -> str:
    for then, now in REWORDED.items():
        text = text.replace(then, now)
    return text


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r['walk']}-{r['raw']['at']}")
def test_an_old_record_asks_what_it_asked(record: dict[str, Any]) -> None:
    flow, words = world()
    session = session_of_schema_1(record["raw"])
    assert session.nonce == record["raw"]["nonce"], "buttons that stand in the chat still count"
    out = words.prompt(prompt(flow, session), (), "en")
    assert out.text == reworded(record["text"])
    assert sorted(c.label for c in (*out.choices, *out.extras)) == sorted(today(record))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(session), type=Session) == session
    now = datetime.fromtimestamp(record["now"] + 60, UTC)
    for data in [c.data for c in (*out.choices, *out.extras)]:
        turn = step(flow, session, Pressed(data, MessageRef("1", 1, ours=True)), now)
        assert turn.session != session or turn.say or turn.do, data


def test_a_button_under_a_consent_of_then_still_counts() -> None:
    flow, words = world()
    (record,) = [r for r in RECORDS if r["raw"]["at"] == "consent_share" and r["after"] == "[No, keep it]"]
    session = session_of_schema_1(record["raw"])
    (yes,) = [c for c in words.prompt(prompt(flow, session), (), "en").choices if c.label == "Yes, to the UN team"]
    now = datetime.fromtimestamp(record["now"] + 60, UTC)
    turn = step(flow, session, Pressed(yes.data, MessageRef("1", 1, ours=True)), now)
    assert turn.session.answers["consent_share"].values == ("un_confidential",)


def test_every_screen_of_then_is_among_them() -> None:
    standing = {record["raw"]["at"] for record in RECORDS}
    assert {"~idle", "~held", "~review", "~change", "~sure"} <= standing
    assert any(record["raw"].get("gathering") for record in RECORDS)
    assert any(record["raw"].get("doubt") for record in RECORDS)
    assert any(record["raw"].get("dates") for record in RECORDS)
    assert any(record["raw"].get("choices") for record in RECORDS)


def test_words_that_came_before_the_consent_are_kept_on_their_yes() -> None:
    flow, _ = world()
    (record,) = [r for r in RECORDS if r["raw"]["at"] == "~held" and r["raw"].get("early")]
    now = datetime.fromtimestamp(record["now"] + 60, UTC)
    turn = step(flow, session_of_schema_1(record["raw"]), Said("yes", MessageRef("9", 9)), now)
    assert [p.text for p in turn.seal] == ["They took him from his house this morning."]
    assert not turn.session.early
    turn = step(flow, session_of_schema_1(record["raw"]), Said("no", MessageRef("9", 9)), now)
    assert not turn.seal
    assert not turn.session.early


BARE = {"flow": "reprisal", "version": 1, "nonce": 7, "agreed": True, "last": 1_790_000_000}


def test_menus_number_and_end() -> None:
    assert session_of_schema_1({**BARE, "at": "~number", "number": "1" * 20}).screen == Number("1" * 20)
    assert is_over(session_of_schema_1({**BARE, "at": "~over"}))
    assert isinstance(session_of_schema_1({**BARE, "at": "~over"}).screen, Over)
    sure = session_of_schema_1({**BARE, "at": "~sure", "from_idle": True, "back_to": "~review"}).screen
    assert sure == Sure(Neutral(Review()))
    assert isinstance(session_of_schema_1({**BARE, "at": "~language", "back_to": "act_story"}).screen, Language)
    assert isinstance(session_of_schema_1({**BARE, "at": "~held", "back_to": "act_story"}).screen, Held)


def test_abilities_have_todays_words() -> None:
    old = {**BARE, "at": "act_story", "capabilities": ["buttons", "edit", "delete", "telegram_ask", "files"]}
    assert session_of_schema_1(old).abilities == ("buttons", "edits", "deletes", "sensitive_ask", "files")
    assert session_of_schema_1({**old, "capabilities": ["buttons"]}).abilities == ("buttons", "sensitive_allow")


@pytest.mark.parametrize(
    "bad", [{}, {"flow": "x"}, {**BARE, "rounds": {"incidents": 99}}, {**BARE, "answers": {"a": 1}}]
)
def test_what_is_no_session_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        session_of_schema_1(bad)
