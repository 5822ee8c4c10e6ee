"""N23: "Signal is safer" is said only where Signal is set up, by every sentence and in every language."""

import pytest

from bot.flow.session import Session
from bot.flow.wording import wording
from tests.flows.pure import world

SIGNAL = ("Signal", "سيغنال", "سيجنال")


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("offered", [False, True])
def test_n23_signal_is_named_only_where_it_is_set_up(language: str, offered: bool) -> None:
    flow, words = world("en", "fr", "ar")
    abilities = ("sensitive_ask", *(("signal_offered",) if offered else ()))
    session = Session(flow.id, flow.version, 1, channel="telegram", abilities=abilities, language=language)
    named = set()
    for step in flow.every_step():
        said = [wording(flow, session, step)]
        said += [
            option.label for option in step.options if "signal_offered" not in option.when.needs.get("channel", ())
        ]
        if any(word in words.of(language).put(message) for message in said for word in SIGNAL):
            named.add(step.id)
    assert named == ({"d_consent", "telegram_notice"} if offered else set())
    texts = [text if isinstance(text, str) else " ".join(text) for text in flow.texts.values()]
    assert not any(word in text for text in texts for word in SIGNAL)
