"""The fixed words that people are told, by language. Every message is as long as every other: its size says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.alarm.sending import Notice
from bot.errors import SettingsError

SIZE = 512  # bytes of a body in UTF-8; ntfy takes 4,096
LEFT_TO_RIGHT, POP = "\u2066", "\u2069"  # a command inside an Arabic sentence


@dataclass(frozen=True)
class Words:
    """One language. A locked phone shows the title: it does not say what this is about. `{code}` is six digits."""

    title: str
    ring: str
    rehearsal: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        "Stonechat",
        "Something came that should not wait.\n"
        "Please look now. Then say that you took it: stonechat alarm taken\n"
        "Until then this comes again, and goes to the next person.",
        "This is a rehearsal. Nobody is in need.\n"
        "Please tell whoever runs Stonechat these digits: {code}\n"
        "They write: stonechat alarm heard {code}",
    ),
    "fr": Words(
        "Stonechat",
        "Quelque chose est arrivé qui ne devrait pas attendre.\n"
        "Regardez maintenant. Puis dites que vous vous en occupez : stonechat alarm taken\n"
        "D’ici là, ce message revient, et va à la personne suivante.",
        "Ceci est un exercice. Personne n’est en danger.\n"
        "Donnez ces chiffres à la personne qui gère Stonechat : {code}\n"
        "Elle écrit : stonechat alarm heard {code}",
    ),
    "ar": Words(
        "Stonechat",
        "وصل شيء لا ينبغي أن ينتظر.\n"
        f"يرجى النظر الآن. ثم يرجى الإبلاغ بتولّي الأمر: {LEFT_TO_RIGHT}stonechat alarm taken{POP}\n"
        "حتى ذلك الحين تتكرر هذه الرسالة وتصل إلى الشخص التالي.",
        "هذه تجربة. لا أحد في خطر.\n"
        "يرجى إبلاغ من يدير Stonechat بهذه الأرقام: {code}\n"
        f"والأمر المطلوب كتابته: {LEFT_TO_RIGHT}stonechat alarm heard {{code}}{POP}",
    ),
}


def words_in(language: str) -> Words:
    """Raises SettingsError for a language that has no words here."""
    if language not in WORDS:
        raise SettingsError("alarm_language has no words", mend=f"write one of {', '.join(WORDS)}")
    return WORDS[language]


def ring(words: Words) -> Notice:
    """The message that somebody is to look now, of SIZE bytes."""
    return Notice("ring", words.title, filled(words.ring))


def rehearsal(words: Words, code: str) -> Notice:
    """The message that this is a trial, with its code, of the same size."""
    return Notice("rehearsal", words.title, filled(words.rehearsal.replace("{code}", code)))


def filled(text: str) -> str:
    """`text` with spaces behind it, so that all are SIZE bytes long and have as many lines."""
    return text + " " * (SIZE - len(text.encode()))
