"""A slash command is one whatever stands behind it: `/danger they are at the door`, `/erase now`, `/help@the_bot`.

What stands behind it is the answer where it fits the question that the command leads to. Else it is not lost: it waits,
sealed, like words that came before their question. It never answers a consent, which nobody had read by then.
"""

from datetime import datetime

import msgspec

from bot.flow import choosing, commands, hearing
from bot.flow.forwarding import wait_early
from bot.flow.holding import go_idle, hold
from bot.flow.model import Flow
from bot.flow.screens import Asking, Gathering, Language, Neutral
from bot.flow.session import Session, here, split
from bot.flow.telling import A_STORY, told
from bot.flow.turn import Turn
from bot.flow.wording import text
from bot.talk.events import Said


def slashed(flow: Flow, session: Session, event: Said, word: str, rest: str, now: datetime) -> Turn:
    """`word` follows the slash, `rest` stands behind it.

    An unknown one gets the words that can be used; a whole story that begins so waits all the same.
    """
    name = hearing.slash_command(flow, session, word)
    behind = msgspec.structs.replace(event, text=rest, place=None)
    if name is None and word.casefold() == "start" and len(rest) < A_STORY:
        return Turn(go_idle(session) if session.agreed else session)
    if name == "danger":
        return _danger(flow, session, behind)
    if name is not None and (turn := commands.run(flow, session, name)):
        return _and_behind(flow, session, turn, behind, now)
    if isinstance(session.screen, Neutral):
        return Turn(session) if name else _kept(flow, session, event)
    if name == "done" and isinstance(session.screen, Asking | Gathering):
        return _done(flow, session, behind, word, now)
    if name is not None and (code := choosing.typed(flow, session, word)):
        return choosing.choose(flow, session, code, now)
    kept = _kept(flow, session, msgspec.structs.replace(event, place=None))
    return msgspec.structs.replace(kept, say=(text(flow, "help"), *kept.say), ask=True)


def _danger(flow: Flow, session: Session, behind: Said) -> Turn:
    """The words are kept where they were said, before it moves: after a silence nobody knows whose they are."""
    kept = _kept(flow, session, behind)
    turn = commands.run(flow, kept.session, "danger")
    assert turn is not None
    return msgspec.structs.replace(turn, say=(*turn.say, *kept.say), seal=(*kept.seal, *turn.seal))


def _kept(flow: Flow, session: Session, behind: Said) -> Turn:
    """Words that answer nothing here: they wait. Next to nothing is no story."""
    if len(behind.text) < A_STORY or session.submitted:
        return Turn(session)
    return hold(flow, session, behind) if session.agreed else wait_early(flow, session, behind)


def _and_behind(flow: Flow, session: Session, turn: Turn, behind: Said, now: datetime) -> Turn:
    if turn.do or not behind.text:
        return turn
    if _fits(flow, turn.session, behind.text, now, moved=here(turn.session) != here(session)):
        more = told(flow, turn.session, behind, now)
    else:
        more = _kept(flow, turn.session, behind)
        more = msgspec.structs.replace(more, ask=turn.ask)
    return msgspec.structs.replace(
        more, say=(*turn.say, *more.say), seal=(*turn.seal, *more.seal), drop=(*turn.drop, *more.drop)
    )


def _fits(flow: Flow, session: Session, words: str, now: datetime, *, moved: bool) -> bool:
    """It answers the question that stands there now, beyond doubt."""
    screen = session.screen
    if isinstance(screen, Language):
        return choosing.exactly(flow, session, words)
    if not isinstance(screen, Asking):
        return False
    moved = moved and screen.at not in session.answers  # words that stand there are not overwritten by the way
    step, language = flow.steps[split(screen.at)[0]], session.language
    match step.kind:
        case "consent" | "files":
            return False
        case "text":
            return moved
        case "date":
            return len(flow.reader.date(words, language, now, step.ahead)) == 1
        case "country":
            return moved if step.free else flow.reader.country(words, language).sure
    return choosing.exactly(flow, session, words) or bool(flow.reader.numbers(words, language))


def _done(flow: Flow, session: Session, behind: Said, word: str, now: datetime) -> Turn:
    """`/done and they took my phone`: that too, and then it is done."""
    more = told(flow, session, behind, now) if behind.text and _is_text(flow, session) else Turn(session)
    turn = told(flow, more.session, msgspec.structs.replace(behind, text=word), now)
    return msgspec.structs.replace(turn, seal=(*more.seal, *turn.seal), drop=(*more.drop, *turn.drop))


def _is_text(flow: Flow, session: Session) -> bool:
    step = flow.steps[split(session.at)[0]]
    return step.kind == "text" and step.many
