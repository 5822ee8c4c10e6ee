"""Rules that hold after every answer (X03, X11), what is typed after a silence (X12), consents whose words changed."""

import dataclasses
from typing import Any

import msgspec
import pytest

from bot.flow import roles
from bot.flow.document import Content, SealedPart, content, part_refs, substance
from bot.flow.model import Flow
from bot.flow.screens import Asking, Gathering, InDoubt, Neutral
from bot.flow.session import Session
from bot.flow.step import step
from bot.talk.events import Deleted, Edited, Pressed, Said
from tests.flows.pure import Talk, world

AGREED = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
TO_SHARE = (*AGREED, "[Me]", "[No]", "They took my passport.", "[Done]", "Kenya", "2", "[Free but at risk]")
IN_DANGER = ("danger", "[Yes, read it and act]", "[Taken or held]", "[Someone else]", "Kenya, Ali, since this morning")


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*lines)
    return begun


def report(chat: Talk) -> Content:
    sealed = {p.number: SealedPart(f"{p.number:04}.age", "0" * 64, 1) for p in part_refs(chat.session)}
    return content(chat.flow, chat.session, sealed)


def every_part(value: Any) -> list[dict[str, Any]]:
    """All part entries of a content, wherever they stand."""
    if isinstance(value, dict):
        own = value["parts"] if set(value) == {"parts"} else []
        return own or [p for v in value.values() for p in every_part(v)]
    return [p for v in value for p in every_part(v)] if isinstance(value, list) else []


# --- X03 ---


def test_x03_a_helpers_words_go_with_the_answer_that_asked_for_them() -> None:
    chat = talk(*TO_SHARE, "[Only your team]", "skip", "[Through someone I trust]", "My sister Amina, at the market")
    assert "My sister Amina, at the market" in chat.sealed.values()
    chat.walk(*IN_DANGER, "[Do not write to me]")
    assert "My sister Amina, at the market" not in chat.sealed.values()
    found = report(chat)
    assert "contact_how" not in found.answers
    assert found.fields["contact_back"] == "replaced"
    assert roles.reply(chat.flow, chat.session).never


def test_x03_the_other_way_round() -> None:
    chat = talk(*IN_DANGER, "[Through someone I trust]", "My sister Amina", "[Ask me first]", "[Tell us more]")
    more = [line for line in TO_SHARE if line not in ("[Yes, I agree]", "[No, destroy it]")]
    chat.walk(*more, "[Only your team]", "skip", "[No, never]")
    assert "My sister Amina" not in chat.sealed.values()
    assert "d_contact_how" not in report(chat).answers
    assert roles.reply(chat.flow, chat.session).never


@pytest.mark.parametrize("then", ["[In this chat]", "[Through someone I trust]", "[Do not write to me]"])
def test_x03_when_it_is_safe_goes_with_the_answer_that_asked_for_it(then: str) -> None:
    chat = talk(*TO_SHARE, "[Only your team]", "skip", "[Yes, in this chat]", "[In the evening]")
    assert roles.reply(chat.flow, chat.session).when == "evenings"
    chat.walk(*IN_DANGER, then)
    assert roles.reply(chat.flow, chat.session).when is None
    assert "safe_when" not in report(chat).answers


def test_x03_changed_in_the_review_the_newest_word_counts() -> None:
    chat = talk(*IN_DANGER, "[Through someone I trust]", "My sister Amina", "[Ask me first]", "[Tell us more]")
    more = [line for line in TO_SHARE if line not in ("[Yes, I agree]", "[No, destroy it]")]
    chat.walk(*more, "[Only your team]", "skip", "[Yes, in this chat]", "[Any time]", "[Look at it first]")
    assert roles.reply(chat.flow, chat.session).here
    chat.walk("[Change something]", "[How to reach you]", "[Do not write to me]")
    reply = roles.reply(chat.flow, chat.session)
    assert (reply.never, reply.here, reply.when) == (True, False, None)


def test_x03_a_letter_goes_with_the_yes_that_it_was_asked_for() -> None:
    chat = talk(*TO_SHARE, "[Yes, to the UN team]", "Ana", "[Yes, in this chat]", "[Any time]", "[Add more]", "skip")
    chat.walk(*["skip"] * 6, "[That was all, go on]", *["skip"] * 4, "[Add more]", *["skip"] * 3, "[Go on]")
    chat.walk("letter, public statement", "nobody", "[Yes, with the name]", "[Yes, with the name]", "[Yes, I am sure]")
    assert set(report(chat).consent) >= {"share", "raise", "publish", "publish_sure"}
    chat.walk(*IN_DANGER, "[In this chat]", "[Ask me first]")
    found = report(chat)
    assert found.consent["d_share"]["answer"] == "ask_me_first"
    assert not {"share", "raise", "publish", "publish_sure"} & set(found.consent)
    assert found.fields["consent_raise"] == "replaced"
    assert "Ana" in chat.sealed.values(), "a name that was given is not lost by a call for help"


# --- X11 ---


def test_x11_a_minors_danger_report_loses_what_a_minor_is_not_asked() -> None:
    chat = talk(*IN_DANGER, "[In this chat]", "[Yes, pass it on now]", "[Tell us more]")
    assert report(chat).consent["d_share"]["answer"] == "yes"
    chat.walk("[Yes, go on]", "[Me]", "[Yes]")
    assert "d_share" not in report(chat).consent
    assert chat.session.at == "minor_support"


@pytest.mark.parametrize("way", ["typed", "pressed", "edited", "earlier", "changed"])
def test_x11_on_whatever_path_the_answer_comes(way: str) -> None:
    chat = talk(*IN_DANGER, "[In this chat]", "[Yes, pass it on now]", "[Tell us more]", "[Yes, go on]", "[Me]")
    match way:
        case "typed":
            chat.do("Yes")
        case "pressed":
            chat.do("[Yes]")
        case "edited":
            chat.do("No")
            chat.take(Edited("Yes", chat.mine[-1]))
        case "earlier":
            chat.do("[No]")
            chat.take(Said("Yes", chat.message(), place="reporter_minor"))
        case "changed":
            chat.walk("[No]", "They came.", "[Done]", "Kenya", "2", "[Free but at risk]", "[Only your team]")
            chat.walk("skip", "[No, never]", "[Look at it first]", "[Change something]", "[Under 18]", "[Yes]")
    assert chat.session.answers["reporter_minor"].values == ("yes",)
    assert "d_share" not in report(chat).consent


def test_x11_every_part_is_raised_names_contact_lines_and_notes_too() -> None:
    chat = talk(*IN_DANGER, "[Through someone I trust]", "My sister Amina", "[Ask me first]", "[Tell us more]")
    chat.walk("~ 1 hours", "hello there, is it you?", "[Go on]")
    chat.walk("[Yes, go on]", "[Me]")
    before = every_part(report(chat).answers)
    assert len(before) >= 2
    assert not any("handle_as" in p for p in before)
    chat.do("[Yes]")
    after = every_part(report(chat).answers)
    assert {p["class"] for p in after} >= {"identity", "contact"}
    for part in after:
        assert part["class"] == "sensitive" or part["handle_as"] == "sensitive", part
    assert len(after) == len(part_refs(chat.session)), "no part leaves without being named"


def test_x11_a_cap_is_applied_to_a_consent_given_before_it() -> None:
    chat = talk(
        *AGREED, "[Someone in my family]", "[Other family]", "[Yes, they agreed]", "[No]", "They came.", "[Done]"
    )
    chat.walk("Kenya", "2", "[Free and safe]", "[Yes, to the UN team]", "Ana")
    assert report(chat).consent["share"]["answer"] == "un_confidential"
    chat.take(Said("I have not asked", chat.message(), place="permission"))
    assert "share" not in report(chat).consent, "a consent above its cap is asked again"
    assert chat.session.at == "consent_share"
    assert "HOLD_CONSENT" in report(chat).flags
    assert "Ana" not in chat.sealed.values()


# --- X12 ---


def silent(*more: str) -> Talk:
    chat = talk(*IN_DANGER, "[In this chat]", "[Ask me first]", "[Tell us more]", *more)
    assert chat.session.report
    chat.do("~ 45 minutes")
    return chat


def test_x12_what_is_typed_after_a_silence_stands_apart_and_changes_nothing() -> None:
    chat = silent()
    before, told = report(chat), substance(chat.session)
    chat.do("it was a joke, close this")
    assert substance(chat.session) != told, "it leaves at once, as another version"
    after = report(chat)
    (part,) = after.answers.pop("after_silence")["parts"]
    assert part["after_silence"] is True
    assert after == before
    assert isinstance(chat.session.screen, Neutral)
    assert chat.heard == "Hello. Start, or go on?"


@pytest.mark.parametrize(
    "then", ["never", "Do not write to me", "2", "no", "No, destroy it", "+254 712 345 678", "stop"]
)
def test_x12_nothing_typed_there_is_an_answer(then: str) -> None:
    chat = silent()
    before, flags = report(chat), chat.session.raised
    chat.walk("hm?", then)
    after = report(chat)
    after.answers.pop("after_silence")
    assert (after, chat.session.raised) == (before, flags) or chat.session.screen != Neutral(chat.session.screen)
    assert after.consent == before.consent


def test_x12_edits_and_deletions_of_that_time_change_nothing_told_before() -> None:
    chat = silent("[Yes, go on]", "[Me]", "[No]", "They came to my house.")
    story, before = chat.mine[-1], dict(chat.sealed)
    chat.take(Edited("Nobody came to my house.", story))
    chat.take(Deleted(story))
    assert {n: chat.sealed[n] for n in before} == before
    (part,) = report(chat).answers["after_silence"]["parts"]
    assert chat.sealed[int(part["part"][:4])] == "Nobody came to my house."


def test_x12_who_goes_on_is_not_offered_those_words() -> None:
    chat = silent()
    chat.walk("it was a joke, close this", "[Go on]")
    assert "We have what you just wrote" not in chat.heard
    assert "after_silence" in report(chat).answers
    assert "notes" not in report(chat).answers


def test_x12_words_of_a_calm_report_are_held_and_offered_as_before() -> None:
    chat = talk(*TO_SHARE)
    chat.walk("~ 45 minutes", "They are back", "[Go on]")
    assert "We have what you just wrote" in chat.heard
    assert "after_silence" not in report(chat).answers


# --- consents whose words changed ---


def newer(flow: Flow, *ids: str) -> Flow:
    """The same flow once the words of some consents have changed."""
    chapters = tuple(
        dataclasses.replace(
            chapter,
            steps=tuple(_newer(s) if s.id in ids else s for s in chapter.steps),
        )
        for chapter in flow.chapters
    )
    return dataclasses.replace(flow, chapters=chapters, steps={}, chapter_of={})


def _newer(step_: Any) -> Any:
    fields = {f.name: getattr(step_, f.name) for f in dataclasses.fields(step_) if f.init}
    return type(step_)(**{**fields, "text_version": step_.text_version + 1})


def test_a_consent_says_which_words_it_was_given_to() -> None:
    chat = talk(*TO_SHARE, "[Only your team]")
    assert chat.session.answers["consent_share"].text == chat.flow.steps["consent_share"].text_version
    assert report(chat).consent["share"]["text"] == chat.session.answers["consent_share"].text


def test_a_draft_is_asked_again_where_the_words_of_its_consent_changed() -> None:
    chat = talk(*TO_SHARE, "[Only your team]", "Ana")
    chat.flow = newer(chat.flow, "consent_share")
    label = chat.press("[No, never]"[1:-1])
    heard = chat.take(label)
    assert chat.session.at == "consent_share"
    assert "who may see it" in heard
    assert "contact_back" not in chat.session.answers, "the old button counts for nothing"
    assert "Ana" in chat.sealed.values(), "what was told waits for the new answer"
    assert "share" not in report(chat).consent
    chat.do("[Only your team]")
    assert chat.session.at == "contact_back"
    assert report(chat).consent["share"]["text"] == chat.flow.steps["consent_share"].text_version


def test_words_that_were_on_their_way_then_are_not_lost() -> None:
    chat = talk(*AGREED, "[Me]", "[No]", "They came.")
    chat.flow = newer(chat.flow, "if_silent")
    chat.do("They took my passport.")
    assert chat.session.at == "if_silent"
    assert list(chat.sealed.values()) == ["They came.", "They took my passport."]


def test_a_consent_on_the_screen_is_asked_anew_with_its_new_words() -> None:
    chat = talk(*TO_SHARE)
    old = chat.press("Yes, to the UN team")
    chat.flow = newer(chat.flow, "consent_share")
    chat.take(old)
    assert "consent_share" not in chat.session.answers
    chat.do("[Yes, to the UN team]")
    assert chat.session.answers["consent_share"].text == chat.flow.steps["consent_share"].text_version


def test_agreeing_to_newer_words_starts_nothing_twice() -> None:
    chat = talk(*AGREED, "[Me]")
    chat.flow = newer(chat.flow, "agree")
    chat.do("[No]")
    assert chat.session.at == "agree"
    chat.do("[Yes, I agree]")
    assert chat.turn is not None
    assert chat.turn.do is None
    assert chat.session.at == "reporter_minor"
    assert "check word" not in chat.heard


def test_nobody_is_asked_again_where_nothing_changed() -> None:
    chat = talk(*TO_SHARE, "[Only your team]")
    old = msgspec.structs.replace(chat.session, mark="")
    turn = step(chat.flow, old, Said("Ana", chat.message()), chat.now)
    assert turn.session.at == "contact_back"
    pressed = step(chat.flow, turn.session, Pressed("x:y", chat.message()), chat.now)
    assert pressed.session.mark == chat.flow.mark


# --- stored ---


def test_every_screen_is_stored_and_comes_back() -> None:
    lines = [*TO_SHARE, "[Only your team]", "Ana, ana@example.org", "[Write it again]", "Ana", "[No, never]"]
    lines += ["[Look at it first]", "[Change something]", "back", "[Go on with the questions]", "[Send it now]"]
    chat, seen = Talk(*world()), set()
    for line in lines:
        chat.do(line)
        seen.add(type(chat.session.screen))
        packed = msgspec.msgpack.encode(chat.session)
        assert msgspec.msgpack.decode(packed, type=Session) == chat.session
    assert {Asking, Gathering, InDoubt} <= seen
    assert len(seen) >= 6
