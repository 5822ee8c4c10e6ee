"""The door of a conversation: who is here (I01), what an edit may do (I02), greetings (I06), numbers (I07, I08)."""

from datetime import timedelta

import pytest

from bot.flow import prompts
from bot.flow.document import SealedPart, content, part_refs
from bot.flow.screens import Asking, Gathering, Held, InDoubt, Neutral, under
from bot.flow.session import IDLE
from bot.flow.turn import LookUp
from bot.talk.events import Deleted, Edited, Event, LookedUp, MessageRef, Missed, Refused, Said
from bot.talk.sentences import Message
from tests.flows.pure import Talk, world

AGREED = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
TO_STORY = (*AGREED, "[Me]", "[No]")
TO_PLACE = (*TO_STORY, "They took my passport.", "done")
TO_NAME = (*TO_PLACE, "Kenya", "1", "[Free but at risk]", "[Yes, to the UN team]")


def talk(*lines: str, languages: tuple[str, ...] = ()) -> Talk:
    begun = Talk(*world(*languages))
    for line in lines:
        if line.startswith("1") and len(line) == 1:
            begun.take(Said(line, begun.message()))
        else:
            begun.do(line)
    return begun


def last(chat: Talk) -> MessageRef:
    return chat.mine[-1]


def words(chat: Talk, at: str) -> list[str]:
    answer = chat.session.answers.get(at)
    return [chat.sealed[p.number] for p in answer.parts] if answer else []


# --- I01 ---

IDLE_EVENTS = ("edit", "delete", "location", "photo", "looked", "missed", "typed")


@pytest.mark.parametrize("kind", IDLE_EVENTS)
@pytest.mark.parametrize(
    "lines", [TO_PLACE, TO_NAME, (*TO_STORY, "They took my passport.")], ids=["place", "name", "story"]
)
def test_i01_nothing_but_a_person_who_goes_on_says_here_i_am(kind: str, lines: tuple[str, ...]) -> None:
    chat = talk(*lines)
    chat.do("~ 10 hours")
    before = chat.session.last
    since = int((chat.now - timedelta(minutes=1)).timestamp())
    events: dict[str, Event] = {
        "edit": Edited("They took my passport and my phone.", last(chat)),
        "delete": Deleted(last(chat)),
        "location": Refused("location", chat.message(), "live"),
        "photo": Refused("file", chat.message()),
        "looked": LookedUp("2026-09-21"),
        "missed": Missed(since),
        "typed": Said("hello?", chat.message()),
    }
    for _ in range(3):
        chat.take(events[kind])
    assert chat.session.last == before
    heard = chat.do("> back")
    assert heard == "Hello. Start, or go on?"
    assert isinstance(chat.session.screen, Neutral)
    for shown in ("Kenya", "passport", "happened", "Free but at risk", "name should"):
        assert shown not in "\n".join(chat.lines[chat.lines.index("~ 10 hours") :])


def test_i01_going_on_is_here_i_am() -> None:
    chat = talk(*TO_PLACE)
    chat.walk("~ 10 hours", "hello?", "[Go on]")
    assert chat.session.last == int(chat.now.timestamp())
    chat.walk("~ 29 minutes", "skip")
    assert not isinstance(chat.session.screen, Neutral)


def test_i01_a_live_location_is_answered_once_and_wakes_nobody() -> None:
    chat = talk(*TO_PLACE)
    stamp = chat.session.last
    answers = []
    for _ in range(6):
        chat.do("~ 6 minutes")
        answers.append(chat.take(Refused("location", chat.message(), "live 7")))
    assert [bool(a) for a in answers] == [True, False, False, False, False, False]
    assert chat.session.last == stamp


def test_i05_an_album_is_answered_once_and_the_next_one_again() -> None:
    chat = talk(*TO_PLACE)
    heard = [chat.take(Refused("file", chat.message(), burst)) for burst in ("a", "a", "a", "b", "b")]
    assert [bool(h) for h in heard] == [True, False, False, True, False]


# --- I02 ---


def test_i02_words_in_doubt_are_read_again() -> None:
    chat = talk(*TO_NAME, "Ana, +34 600 123 456")
    assert isinstance(chat.session.screen, InDoubt)
    chat.take(Edited("Ana", last(chat)))
    assert words(chat, "victim_name") == ["Ana"]
    assert list(chat.sealed.values()).count("Ana") == 1
    assert not any("+34" in w for w in chat.sealed.values())


def test_i02_words_in_doubt_that_stay_doubtful_are_asked_about_as_they_are_now() -> None:
    chat = talk(*TO_NAME, "Ana, +34 600 123 456")
    chat.take(Edited("Ana, ana@example.org", last(chat)))
    assert isinstance(chat.session.screen, InDoubt)
    chat.do("[Yes, keep it]")
    assert words(chat, "victim_name") == ["Ana, ana@example.org"]


def test_i02_held_words_are_kept_as_they_were_edited() -> None:
    chat = talk(*TO_STORY)
    chat.walk("~ 1 hours", "hello?", "They came back in the night.")
    chat.take(Edited("They came back at dawn.", last(chat)))
    chat.walk("[Go on]")
    assert isinstance(chat.session.screen, Held)
    chat.take(Edited("They came back at noon.", last(chat)))
    chat.do("[Keep it]")
    assert words(chat, "act_story") == ["hello?", "They came back at noon."] or words(chat, "act_story") == [
        "They came back at noon."
    ]
    assert not any("night" in w or "dawn" in w for w in chat.sealed.values())


def test_i02_words_from_before_the_consent_are_kept_as_they_were_edited() -> None:
    chat = talk("They took him this morning from our house.")
    chat.take(Edited("They took her this morning from our house.", last(chat)))
    story = last(chat)
    chat.walk("[Yes, go on]", "[Yes, I agree]")
    chat.take(Edited("They took her this evening from our house.", story))
    chat.walk("[Keep it]", "[No, destroy it]", "[Me]", "[No]")
    assert words(chat, "act_story") == ["They took her this evening from our house."]


def to_date() -> Talk:
    return talk(*TO_NAME, "skip", "[Yes, in this chat]", "[Any time]", "[Add more]", "skip")


def test_i02_a_date_that_is_asked_about_is_read_again() -> None:
    chat = to_date()
    chat.do("5 March 2026")
    heard = chat.take(Edited("6 March 2026", last(chat)))
    assert "6 March 2026" in heard
    chat.do("[Yes]")
    assert chat.session.answers["act_when/0"].values == ("2026-03-06",)


@pytest.mark.parametrize(
    ("edit", "value"),
    [("7 March 2026", "2026-03-07"), ("some day", "2026-03-05"), ("5/6/2026", "2026-03-05"), ("", "2026-03-05")],
)
def test_i02_a_date_that_was_answered_is_changed_or_said_to_stay(edit: str, value: str) -> None:
    chat = to_date()
    chat.do("5 March 2026")
    typed = last(chat)
    chat.do("[Yes]")
    before = chat.session.at
    heard = chat.take(Edited(edit, typed))
    assert chat.session.answers["act_when/0"].values == (value,)
    assert ("Changed: Saturday 7 March 2026" if value.endswith("07") else "stays as it was") in heard
    assert chat.session.at == before


def test_i02_a_choice_that_was_typed_is_changed_and_read_back() -> None:
    chat = talk(*AGREED, "Me")
    heard = chat.take(Edited("Someone in my family", last(chat)))
    assert chat.session.answers["reporter_role"].values == ("relative",)
    assert "Changed: Someone in my family" in heard
    assert chat.session.at == "relation", "what the change made necessary is asked"
    assert "stays as it was" in chat.take(Edited("a friend of somebody's cousin", last(chat)))
    assert chat.session.answers["reporter_role"].values == ("relative",)


def test_i02_several_choices_that_were_typed() -> None:
    chat = talk(*TO_PLACE, "Kenya", "1, 3")
    assert chat.session.answers["un_how"].values == ("sent_info", "met_staff")
    heard = chat.take(Edited("2 and 4", last(chat)))
    assert chat.session.answers["un_how"].values == ("spoke", "complaint")
    assert "Changed: Spoke at a meeting, Made a complaint" in heard


def test_i02_a_consent_that_was_typed_can_be_narrowed_and_never_erases() -> None:
    chat = talk(*TO_NAME[:-1], "Yes, to the UN team")
    heard = chat.take(Edited("Only your team", last(chat)))
    assert chat.session.answers["consent_share"].values == ("only_you",)
    assert "Changed: Only your team" in heard
    assert "stays as it was" in chat.take(Edited("No, erase it", last(chat)))


def test_i02_a_country_is_changed_or_said_to_stay() -> None:
    chat = talk(*TO_PLACE, "Nairobi, Kenya")
    heard = chat.take(Edited("Kampala, Uganda", last(chat)))
    assert "Noted: Uganda" in heard
    assert chat.session.answers["act_where"].values == ("UG",)
    assert words(chat, "act_where") == ["Kampala"]
    assert "stays as it was" in chat.take(Edited("nowhere at all", last(chat)))
    assert words(chat, "act_where") == ["Kampala"]


def test_i02_a_country_that_is_asked_about_is_read_again() -> None:
    chat = talk(*TO_PLACE, "Goma, Congo")
    assert isinstance(chat.session.screen, Asking)
    assert chat.session.screen.countries
    chat.take(Edited("Kampala, Uganda", last(chat)))
    assert chat.session.answers["act_where"].values == ("UG",)
    assert words(chat, "act_where") == ["Kampala"]
    assert "Goma" not in chat.sealed.values()


def test_i02_an_edit_passes_the_checks_of_the_first_words() -> None:
    chat = talk(*TO_NAME, "Ana")
    assert "stays as it was" in chat.take(Edited("Ana, +34 600 123 456", last(chat)))
    assert words(chat, "victim_name") == ["Ana"]
    heard = chat.take(Edited("A" * 500, last(chat)))
    assert "We kept the first 120 characters" in heard
    assert words(chat, "victim_name") == ["A" * 120]


def test_i02_an_edit_that_fits_in_several_parts_loses_nothing() -> None:
    chat = talk(*TO_STORY, "Short.")
    chat.take(Edited("x" * 9_000, last(chat)))
    assert "".join(words(chat, "act_story")) == "x" * 9_000
    chat.take(Edited("They came. https://example.org/video", last(chat)))
    assert words(chat, "act_story") == ["They came. https://example.org/video"]


def test_i02_lists_only_keeps_nothing_that_was_edited_in() -> None:
    flow, all_words = world()
    chat = Talk(flow, all_words, ("buttons", "sensitive_refuse"))
    chat.walk(*AGREED, "[Me]", "[No]", "Kenya")
    heard = chat.take(Edited("Kampala, Uganda", last(chat)))
    assert chat.session.answers["act_where"].values == ("UG",)
    assert "kept the country and nothing else" in heard
    assert not chat.sealed


@pytest.mark.parametrize("lines", [TO_PLACE, (*TO_STORY, "They took my passport."), (*TO_PLACE, "Kenya")])
def test_i02_an_edit_while_idle_shows_nothing_of_the_report(lines: tuple[str, ...]) -> None:
    for asleep in ((), ("hello?",)):
        chat = talk(*lines)
        typed = last(chat)
        chat.walk("~ 1 hours", *asleep)
        assert chat.take(Edited("They took my phone.", typed)) in ("", "We took your new words.") or (
            "stays as it was" in chat.heard
        )
        assert chat.do("skip").endswith("Hello. Start, or go on?")


def test_i02_an_edit_behind_an_open_menu_is_found_too() -> None:
    chat = to_date()
    chat.do("5 March 2026")
    typed = last(chat)
    chat.do("language")
    chat.take(Edited("6 March 2026", typed))
    assert isinstance(under(chat.session.screen), Asking)
    chat.do("back")
    assert "5 March" not in chat.heard


@pytest.mark.parametrize(
    ("lines", "slip", "edit", "at"),
    [
        (AGREED, "Mie myself", "Me", "reporter_role"),
        (TO_PLACE, "Xyzzyland", "Kenya", "act_where"),
        ((*TO_PLACE, "Kenya"), "1 or so", "1", "un_how"),
        ((), "who knows", "Yes, go on", "safe_here"),
    ],
)
def test_i02_a_slip_that_was_not_understood_is_mended_in_place(
    lines: tuple[str, ...], slip: str, edit: str, at: str
) -> None:
    chat = talk(*lines)
    assert chat.session.at == at
    chat.do(slip)
    assert chat.session.at == at
    chat.take(Edited(edit, last(chat)))
    assert chat.session.answers[at].values
    assert chat.session.at != at


def test_i02_a_message_that_became_nothing_is_left_alone() -> None:
    chat = talk(*TO_PLACE)
    assert chat.take(Edited("whatever", MessageRef("999", 999))) == ""


def test_a_typed_choice_that_is_deleted_is_asked_again() -> None:
    chat = talk(*AGREED, "Me", "No")
    heard = chat.take(Deleted(last(chat)))
    assert "reporter_minor" not in chat.session.answers
    assert "Are you under 18?" in heard


# --- I06 ---


@pytest.mark.parametrize(
    ("said", "languages"),
    [
        ("Bonjour", ("en", "fr", "ar")),
        ("bonjour !", ("en", "fr", "ar")),
        ("السلام عليكم", ("en", "fr", "ar")),
        ("مرحبا", ("fr", "ar", "en")),
        ("Hello 👋", ("en",)),
        ("Good morning", ("en",)),
        ("Bonjour", ("en",)),
        ("السلام عليكم", ("en",)),
        ("¡Hola!", ("en",)),
        ("你好", ("en",)),
    ],
)
def test_i06_a_greeting_begins(said: str, languages: tuple[str, ...]) -> None:
    chat = talk(languages=languages)
    question = chat.words.prompt(prompts.prompt(chat.flow, chat.session), (), chat.session.language).text
    hello = chat.words.texts((Message("bot.hello", "Hello."),), chat.session.language)
    assert chat.do(said) == f"{hello}\n\n{question}"


@pytest.mark.parametrize(
    ("said", "languages"),
    [
        ("thank you", ("en",)),
        ("Merci !", ("en", "fr")),
        ("شكرا", ("en", "ar")),
        ("Merci", ("en",)),
        ("gracias", ("en",)),
    ],
)
def test_i06_thanks_after_the_end_begin_nothing(said: str, languages: tuple[str, ...]) -> None:
    chat = talk(languages=languages)
    nonce = chat.session.nonce
    heard = chat.do(said)
    assert "?" not in heard
    assert heard
    assert chat.turn is not None
    assert not chat.turn.ask
    assert chat.session.nonce == nonce


def test_i06_thanks_in_the_middle_are_no_mistake_and_no_story() -> None:
    chat = talk(*AGREED)
    heard = chat.do("thank you")
    assert heard.startswith("Part 1 of 5\n\nYou are welcome")
    chat = talk(*TO_STORY, "They took my passport.")
    chat.do("thanks")
    assert words(chat, "act_story") == ["They took my passport."]


def test_i06_a_name_may_be_a_greeting() -> None:
    chat = talk(*TO_NAME, "Salam")
    assert words(chat, "victim_name") == ["Salam"]


def forward(chat: Talk, text: str) -> str:
    chat.mine.append(chat.message())
    return chat.take(Said(text, chat.mine[-1], forwarded=True))


@pytest.mark.parametrize("lines", [TO_STORY, TO_PLACE, (*TO_STORY, "They took my passport."), AGREED, TO_NAME])
def test_i06_a_forward_is_kept_after_a_yes_and_marked(lines: tuple[str, ...]) -> None:
    chat = talk(*lines)
    at = chat.session.at
    heard = forward(chat, "We will find you.")
    assert "somebody else's words" in heard
    assert isinstance(chat.session.screen, InDoubt)
    chat.do("[Yes, keep it]")
    assert chat.session.at == at
    (number,) = [n for n, text in chat.sealed.items() if text == "We will find you."]
    (part,) = [p for p in part_refs(chat.session) if p.number == number]
    assert part.forwarded
    sealed = {p.number: SealedPart(f"{p.number}", "0" * 64, 1) for p in part_refs(chat.session)}
    entries = content(chat.flow, chat.session, sealed).answers
    marked = [p for key in ("act_story", "notes") for p in entries.get(key, {"parts": []})["parts"] if "forwarded" in p]
    assert [p["part"] for p in marked] == [str(number)]


def test_i06_a_forward_is_no_answer_no_command_and_goes_after_a_no() -> None:
    chat = talk(*AGREED)
    for text in ("Me", "erase", "danger", "1"):
        forward(chat, text)
        assert isinstance(chat.session.screen, InDoubt), text
        chat.do("[Write it again]")
    assert not chat.sealed
    assert chat.session.at == "reporter_role"
    assert chat.session.agreed


def test_i06_a_forward_before_the_consent_waits_and_stays_marked() -> None:
    chat = talk()
    forward(chat, "They took him from his house this morning.")
    chat.walk("[Yes, go on]", "[Yes, I agree]", "[Keep it]", "[No, destroy it]", "[Me]", "[No]")
    assert [p.forwarded for p in chat.session.answers["act_story"].parts] == [True]


# --- I07 ---

DIGITS = "123456789012345678901234"
SPACED = "1234 5678 9012 3456 7890 1234"
PASTED = f"Thank you. It is on its way.\n\nYour return number is\n{SPACED}\n\nWrite it down somewhere safe."


@pytest.mark.parametrize(
    "said",
    [
        SPACED,
        DIGITS,
        f"My number is {SPACED}",
        f"{SPACED} thank you",
        PASTED,
        f"رقمي {SPACED.translate(str.maketrans('0123456789', '٠١٢٣٤٥٦٧٨٩'))}",
        f"mon numéro : {SPACED.replace(' ', '-')}.",
        SPACED[:-1],
        f"it is {SPACED} 12",
        SPACED.replace(" ", " – "),
    ],
)
@pytest.mark.parametrize("lines", [(), AGREED, TO_STORY, (*TO_STORY, "They took my passport."), TO_NAME], ids=len)
def test_i07_a_return_number_is_looked_up_and_never_kept(said: str, lines: tuple[str, ...]) -> None:
    chat = talk(*lines)
    sealed = dict(chat.sealed)
    from bot.flow.step import step

    turn = step(chat.flow, chat.session, Said(said, chat.message()), chat.now)
    assert isinstance(turn.do, LookUp)
    assert 18 <= len(turn.do.number) <= 30
    assert turn.do.number.startswith("12345678901234567")
    assert not turn.seal
    assert not turn.session.early
    assert chat.sealed == sealed


def test_i07_a_return_number_on_the_neutral_screen_and_edited_in() -> None:
    chat = talk(*TO_STORY, "They took my passport.")
    assert "stays as it was" in chat.take(Edited(f"My number is {SPACED}", last(chat)))
    assert words(chat, "act_story") == ["They took my passport."]
    chat.do("~ 2 hours")
    chat.do(f"My number is {SPACED}")
    assert not chat.session.held


@pytest.mark.parametrize(
    "said",
    [
        "On 12.03.2024, 14.05.2024 and 15.06.2024 they came.",
        "12/03/2024 14/05/2024 15/06/2024",
        "12 03 2024 14 05 2024 15 06 2024",
        "Call 0612345678 or +254 712 345 678.",
    ],
)
def test_i07_dates_and_phone_numbers_are_no_return_number(said: str) -> None:
    chat = talk(*TO_STORY, said)
    assert words(chat, "act_story") == [said]


# --- I08 ---


@pytest.mark.parametrize(
    ("said", "languages", "ids"),
    [
        ("1 and 3", ("en",), ("sent_info", "met_staff")),
        ("1, 3", ("en",), ("sent_info", "met_staff")),
        ("1,3 and 4", ("en",), ("sent_info", "met_staff", "complaint")),
        ("1 & 3", ("en",), ("sent_info", "met_staff")),
        ("1+3", ("en",), ("sent_info", "met_staff")),
        ("1-3", ("en",), ("sent_info", "spoke", "met_staff")),
        ("1 – 3", ("en",), ("sent_info", "spoke", "met_staff")),
        ("1️⃣", ("en",), ("sent_info",)),
        ("1️⃣ 3️⃣", ("en",), ("sent_info", "met_staff")),
        ("1️⃣3️⃣", ("en",), ("sent_info", "met_staff")),
        ("1 et 3", ("fr", "en", "ar"), ("sent_info", "met_staff")),
        ("١ و ٣", ("ar", "en", "fr"), ("sent_info", "met_staff")),
        ("١ و٣", ("ar", "en", "fr"), ("sent_info", "met_staff")),
        ("١،٣", ("ar", "en", "fr"), ("sent_info", "met_staff")),
    ],
)
def test_i08_numbers_are_read_as_people_write_them(said: str, languages: tuple[str, ...], ids: tuple[str, ...]) -> None:
    flow, all_words = world(*languages)
    chat = talk(*TO_PLACE, "Kenya")
    chat.flow, chat.words = flow, all_words
    from bot.flow.session import change

    chat.session = change(chat.session, language=languages[0])
    chat.do(said)
    assert chat.session.answers["un_how"].values == ids


@pytest.mark.parametrize("said", ["1 and something", "3-1", "and", "1 99"])
def test_i08_what_is_no_number_is_not_guessed(said: str) -> None:
    chat = talk(*TO_PLACE, "Kenya", said)
    assert "un_how" not in chat.session.answers


# --- menus ---


@pytest.mark.parametrize("menu", ["language", "[erase]"])
def test_leaving_a_menu_restores_exactly_what_stood(menu: str) -> None:
    chat = talk(*TO_PLACE, "Kenya", "[Sent information]", "[Met UN staff]", "[More …]")
    before = chat.session.screen
    assert isinstance(before, Asking)
    assert before.picked
    assert before.page == 1
    if menu == "language":
        chat.flow, chat.words = world("en", "fr", "ar")
        chat.walk("language", "back")
    else:
        from bot.flow.commands import press

        chat.session = press(chat.flow, chat.session, "erase").session
        chat.do("[No, keep it]")
    assert chat.session.screen == before


def test_a_text_that_goes_on_goes_on_after_the_neutral_screen() -> None:
    chat = talk(*TO_STORY, "They took my passport.")
    chat.walk(f"~ {IDLE // 60 + 1} minutes", "/start", "[Go on]")
    assert isinstance(chat.session.screen, Gathering)
    chat.do("And my phone.")
    assert words(chat, "act_story") == ["They took my passport.", "And my phone."]
