"""The terminal and the transcript of what was said in it."""

import asyncio
import io

import pytest
from rich.console import Console

from bot.channels.letters import led, plain
from bot.channels.terminal import Terminal
from bot.operating.transcript import Transcript
from bot.talk.events import CameBack, Deleted, Edited, MessageRef, Pressed, Refused, Said
from bot.talk.outgoing import Choice, Outgoing
from tests.channels.alone import Taking

ASKED = Outgoing(
    ("What happened?", "Pick all that fit."),
    (Choice("Beaten", "1:a", chosen=True), Choice("Arrested", "1:b")),
    (Choice("Back", "1:~back"), Choice("Help", "1:~help")),
)


async def test_choices_are_numbered_and_extras_are_not() -> None:
    shown = io.StringIO()
    terminal = Terminal(Console(file=shown, width=80))
    (message,) = await terminal.send("me", ASKED)
    assert message == MessageRef("1", 1, True)
    text = shown.getvalue()
    for words in ("1  ✓ Beaten", "2  Arrested", "Back  · Help"):
        assert words in text
    assert terminal.pressed("Beaten").event == Pressed("1:a", message)
    assert terminal.pressed("Help").event == Pressed("1:~help", message)
    with pytest.raises(KeyError):
        terminal.pressed("Nothing")


async def test_both_sides_are_counted_together() -> None:
    terminal = Terminal()
    first = terminal.said("x")
    (second,) = await terminal.send("me", ASKED)
    third = terminal.refused("location")
    assert [r.order for r in (first.envelope.message, second, third.envelope.message) if r] == [1, 2, 3]
    assert await terminal.send("me", Outgoing(("Changed.",), edits=second)) == (second,)
    assert [terminal.came_back().envelope.update, terminal.said("x").envelope.update] == ["3", "4"]
    assert isinstance(first.event, Said)
    assert terminal.edited(first.event.message, "y").event == Edited("y", first.event.message)
    assert terminal.deleted(first.event.message).event == Deleted(first.event.message)
    assert isinstance(third.event, Refused)


async def test_a_talk_takes_each_line_and_ends_with_the_input() -> None:
    terminal, taking = Terminal(), Taking()

    async def settled() -> None:
        await asyncio.sleep(0)

    await terminal.talk(taking.take, settled, io.StringIO("They came.\n\n/start\nat night"))
    assert [type(e) for e in taking.events] == [CameBack, Said, CameBack, Said]
    assert [e.text for e in taking.events if isinstance(e, Said)] == ["They came.", "at night"]


def test_a_transcript_leaves_out_what_stands_everywhere() -> None:
    transcript = Transcript()
    transcript.says("/start")
    transcript.hears(ASKED)
    transcript.says("[Arrested]")
    transcript.notes("sealed: nothing")
    assert transcript.text("a title") == (
        "# a title\n> /start\n< What happened?\n<\n< Pick all that fit.\n  [✓ Beaten] [Arrested]\n"
        "> [Arrested]\n= sealed: nothing\n"
    )
    assert (transcript.replies, transcript.messages) == (1, 1)


def test_half_a_character_costs_only_itself() -> None:
    assert plain("a\ud83db") == "a\ufffdb"
    assert plain("👪 \x00 ‎‏") == "👪 \x00 ‎‏"


R = "\u200f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello", "Hello"),
        ("", ""),
        ("مرحبا", "مرحبا"),
        ("\u2068الاسم\u2069: \u2068Ana\u2069", f"{R}\u2068الاسم\u2069: \u2068Ana\u2069"),
        ("Ana كتبت هذا الكلام", f"{R}Ana كتبت هذا الكلام"),
        ("هذا تقريركم الآن\n\nOHCHR: نعم", f"هذا تقريركم الآن\n\n{R}OHCHR: نعم"),
        ("The word is مرحبا, she said", "The word is مرحبا, she said"),
        ("שלום: 5", "שלום: 5"),
        ("5: שלום", "5: שלום"),
    ],
)
def test_Q01_a_line_knows_its_side(text: str, shown: str) -> None:
    assert led(text) == shown
