"""What typed words are before they are an answer: a slash command, a word that works everywhere, a button's own words.

In this order: `danger` and `erase`, whatever stands there; the very words of something that can be chosen here; the
words that work everywhere. Somebody in need types what they see: each label of a button that stands there is a typed
word for it, and the label of the danger button is one anywhere, in any language that is offered.
"""

import re

from bot.flow import choosing
from bot.flow.codes import DANGER
from bot.flow.model import Flow
from bot.flow.offers import extras
from bot.flow.screens import Asking
from bot.flow.session import Session, split
from bot.flow.wording import text
from bot.talk.sentences import Message

URGENT = ("danger", "erase")  # come before everything, also before an answer in the same words
STUCK = ("help", "back")  # what people need who do not get on: only the very words of a choice come before them
IN_ANY_LANGUAGE = ("danger", "erase", "stop", "help", "language")
WORD = 40  # characters; more is no word that works everywhere
# `/home/ali` is a path and `/ 5` half a date: neither is a command.
SLASH = re.compile(r"[/／]+(\w{1,32})(?:@\w+)?(?:[\s.,:;!?،؛؟…–—-]+(.*))?", re.DOTALL)


def slash(words: str) -> tuple[str, str] | None:
    """(word, what stands behind it) of a slash command: it is one whatever that is."""
    found = SLASH.fullmatch(words.strip())
    return (found[1], (found[2] or "").strip()) if found else None


def command(flow: Flow, session: Session, words: str) -> str | None:
    """The word that works everywhere: in this language; those that may be needed before it is found in any."""
    if found := flow.reader.command(words, session.language):
        return found
    return in_any_language(flow, words)


def in_any_language(flow: Flow, words: str) -> str | None:
    """The words that somebody may need before they found their language: understood in all of them."""
    if len(words) > WORD:
        return None
    found = {flow.reader.command(words, code) for code, _ in flow.languages}
    return next((name for name in IN_ANY_LANGUAGE if name in found), None)


def slash_command(flow: Flow, session: Session, word: str) -> str | None:
    """The command behind a slash, in any language that is offered."""
    languages = (session.language, *(code for code, _ in flow.languages))
    return next((name for code in languages if (name := flow.reader.command(word, code))), None)


def urgent(flow: Flow, session: Session, words: str) -> str | None:
    """`danger` or `erase`: by their words, or by those of a button that calls for help, in any language."""
    if (found := command(flow, session, words)) in URGENT:
        return found
    if len(words) <= WORD and any(flow.reader.exact(words, calls(flow), code) for code, _ in flow.languages):
        return "danger"
    return None


def calls(flow: Flow) -> list[tuple[str, Message]]:
    """The labels of all buttons that call for help."""
    options = [(o.id, o.label) for step in flow.every_step() for o in step.options if o.does == "danger"]
    return [(DANGER, text(flow, "danger_word")), *options]


def extra(flow: Flow, session: Session, words: str) -> str | None:
    """The command of a button that stands beside the question, by its very words."""
    found = flow.reader.exact(words, [(e.code, e.label) for e in extras(flow, session)], session.language)
    return found[0][1:] if len(found) == 1 else None


def is_answer(flow: Flow, session: Session, words: str, name: str) -> bool:
    """These words are an answer here, before they are the word `name` that works everywhere.

    Where they are all of a choice, or, but for those who do not get on, the beginning of one and of no other:
    `Personne` is "Personne en particulier" where that stands there, and else asks for a person.
    """
    if choosing.exactly(flow, session, words):
        return True
    step = flow.steps.get(split(session.at)[0])
    chooses = isinstance(session.screen, Asking) and step is not None and bool(step.options)
    return chooses and name not in STUCK and choosing.begins(flow, session, words)
