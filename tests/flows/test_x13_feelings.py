"""Despair, a threat by others, and what is neither: reviewed lists with opposite cases, in three languages (X13)."""

import pytest

from bot.flow.model import DISTRESS, THREAT
from tests.flows.pure import Talk, world
from tests.flows.test_door import TO_STORY, talk, words

LANGUAGES = ("en", "fr", "ar")
DESPAIR = [
    "I want to die", "I just want to die now.", "I don't want to live any more", "i dont want to live anymore",
    "They took him in March. I do not want to live.", "I'm thinking about suicide", "I will kill myself tonight",
    "there is no reason to live", "I am going to end my life", "I want to end it all", "I feel suicidal",
    "je vais me suicider", "Je veux mourir.", "je ne veux plus vivre", "j'ai envie de mourir", "Je pense à me tuer",
    "je vais mettre fin à mes jours", "Je n’ai plus aucune raison de vivre", "j'ai vraiment envie d'en finir",
    "أريد الموت", "أريد أن أموت", "أريد حقا أن أموت", "وأريد أن أموت", "لا أريد أن أعيش", "لم أعد أريد العيش", "سأنتحر",
    "أفكر في الانتحار", "سأقتل نفسي", "بدي أموت", "مش عايزة أعيش", "تعبت من الحياة",
]  # fmt: skip
THREATENED = [
    "they threatened to kill me", "He said he will kill us all", "they want to kill my brother", "We got death threats",
    "they are beating me", "I think my life is in danger", "they are outside my house", "they are at the door",
    "somebody is following me", "they told me to kill myself or they will kill my son", "they want to end my life",
    "I don't want to die, they will kill me", "Help me, they took my brother", "he wants me dead",
    "ils ont menacé de me tuer", "Ils veulent me tuer", "j'ai reçu des menaces de mort", "il va me tuer",
    "ils sont devant ma porte", "on me suit depuis hier", "ils me frappent", "je crois que ma vie est en danger",
    "ils menacent de mettre fin à ma vie", "Au secours ils ont pris mon frère",
    "هددوني بالقتل", "يريدون قتلي", "سيقتلونني", "أظن أن حياتي في خطر", "هم على الباب", "يضربونني", "يلاحقونني منذ أمس",
    "هددوني بإنهاء حياتي", "وصلتني تهديدات بالقتل", "لا أريد أن أموت، يريدون قتلي",
]  # fmt: skip
NEITHER = [
    "a suicide bomber", "There was a suicide bombing at the market", "a suicide attack in March",
    "I am not in danger", "I am out of danger now", "I do not want to die", "I am not suicidal",
    "he committed suicide, they say", "they killed him", "He died in prison.", "They took my passport at the airport.",
    "I will never kill myself; if I am found dead, it was them", "dangerous roads", "the door of the office was closed",
    "un attentat-suicide", "un attentat suicide au marché", "Je ne suis pas en danger", "je ne veux pas mourir",
    "on m'a mis à la porte de mon travail", "ils l'ont tué", "je ne suis pas suicidaire", "un kamikaze",
    "هجوم انتحاري", "انتحاري فجر نفسه في السوق", "لست في خطر", "لا أريد أن أموت", "قتلوه في مارس", "قالوا إنه انتحر",
    "أخذوا جواز سفري",
]  # fmt: skip


def told(line: str) -> Talk:
    chat = talk("[English]", *TO_STORY, languages=LANGUAGES)
    chat.do(line)
    return chat


@pytest.mark.parametrize("line", DESPAIR)
def test_x13_despair_gets_the_card_and_the_story_goes_on(line: str) -> None:
    chat = told(line)
    assert "You can talk to someone now" in chat.heard
    assert "Front Line Defenders" in chat.heard
    assert DISTRESS in chat.session.raised
    assert THREAT not in chat.session.raised
    assert chat.session.at == "act_story"
    assert words(chat, "act_story") == [line]
    chat.do("And then they left.")
    assert "You can talk" not in chat.heard, "said once"
    assert words(chat, "act_story") == [line, "And then they left."]


@pytest.mark.parametrize("line", THREATENED)
def test_x13_a_threat_by_others_gets_the_way_to_help_never_the_card_of_despair(line: str) -> None:
    chat = told(line)
    assert "talk to someone" not in chat.heard
    assert DISTRESS not in chat.session.raised
    assert 'write "danger"' in chat.heard
    assert THREAT in chat.session.raised
    assert chat.session.at == "act_story"
    assert words(chat, "act_story") == [line]


@pytest.mark.parametrize("line", NEITHER)
def test_x13_the_opposite_cases_get_neither(line: str) -> None:
    chat = told(line)
    assert not {DISTRESS, THREAT} & {*chat.session.raised}, line
    assert words(chat, "act_story") == [line]


def test_x13_both_at_once() -> None:
    chat = told("They said they will kill me, and I want to die.")
    assert "You can talk to someone now" in chat.heard
    assert 'write "danger"' in chat.heard


def test_x13_after_a_silence_and_by_an_edit() -> None:
    chat = talk(*TO_STORY, "~ 1 hours")
    assert "You can talk to someone now" in chat.do("I want to die")
    chat = talk(*TO_STORY, "They came.")
    assert "You can talk to someone now" in chat.do("(edit) I want to die")
    assert chat.session.at == "act_story"


def test_x13_the_lists_are_reviewed_in_every_language() -> None:
    """Each language has words of its own: none is left to the English ones."""
    flow, catalogue = world(*LANGUAGES)
    for key in ("distress.small", "despair", "despair.not", "threatened", "threatened.not", "command.danger"):
        message = next(m for m in _typed() if m.context == f"typed.{key}")
        for language in ("fr", "ar"):
            assert catalogue.of(language).put(message) != message.text
    assert flow.languages


def _typed():  # type: ignore[no-untyped-def]
    from bot.flow.shelf import load_shelf
    from bot.words.loading import data_folder

    return load_shelf(data_folder("flows")).typed.values()
