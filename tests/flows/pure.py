"""A conversation with the flow alone: what the whole bot does around it is played, nothing is sealed or written.

`>` lines are what a golden transcript has: words, `[Label]`, `/start`, `(edit) words`, `(delete 2)`,
`(sends location)`;
`~ 31 minutes` lets time pass.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.flow.another import go_on
from bot.flow.model import Flow
from bot.flow.promises import said_blocks, said_prompt
from bot.flow.prompts import prompt
from bot.flow.roles import reads_now
from bot.flow.session import Session, begins, here, is_over, opened, submitted
from bot.flow.step import start, step
from bot.flow.turn import Erase, Finish, Forget, LookUp, Submit, Turn
from bot.report.return_number import is_number
from bot.talk.events import CameBack, Deleted, Edited, Event, LookedUp, MessageRef, Pressed, Refused, Said
from bot.talk.sentences import Prompt
from bot.words.catalogue import Words
from bot.words.loading import load_flows, load_words, newest_flow, offer_languages

NOON = datetime.fromtimestamp(1_790_000_000, UTC)
NUMBER = "123456789012345678901234"
KEYS = "e1704 ce7ca adaa4 e4368\n19c2f 5adaf 638ae eb269"
TERMINAL = ("buttons", "sensitive_allow")
TELEGRAM = ("buttons", "edits", "deletes", "sensitive_ask")


@cache
def world(*languages: str) -> tuple[Flow, Words]:
    """Our own flow, with every sentence that an operator's settings fill."""
    words = load_words()
    settings = {
        "organisation": "Example Organisation",
        "help_at": "help@example.org",
        "first_read": 24,
        "vouched": frozenset({"first_read"}),
        "fingerprints": KEYS,
    }
    flows, shelf = load_flows(words, **settings)
    flows, _ = offer_languages(words, flows, shelf, languages or ("en",))
    return newest_flow(flows), words


def plainly(label: str) -> str:
    """As an ordinary keyboard writes it: a label is pressed by what it says, whatever its spaces and apostrophes."""
    return label.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


class Talk:
    """One person's chat. `heard` is the last that was said; `sealed` what stands sealed, by part."""

    def __init__(
        self, flow: Flow, words: Words, abilities: tuple[str, ...] = TERMINAL, channel: str = "terminal"
    ) -> None:
        self.flow, self.words, self.abilities, self.channel = flow, words, abilities, channel
        self.now, self.count, self.replies, self.messages = NOON, 0, 0, 0
        self.lines: list[str] = []
        self.mine: list[MessageRef] = []
        self.sealed: dict[int, str] = {}
        self.known: set[str] = set()
        self.turn: Turn | None = None
        self.heard = ""
        self.session = self._new()

    def _new(self) -> Session:
        session = Session(
            self.flow.id,
            self.flow.version,
            nonce=77,
            word="amber amber",
            channel=self.channel,
            abilities=self.abilities,
            hours=46 if self.channel == "telegram" else 72,
            last=int(self.now.timestamp()),
            opened=f"{self.now:%Y-%m-%d}",
            language=self.flow.languages[0][0],
        )
        self.sealed = {}
        return start(self.flow, session)

    def message(self) -> MessageRef:
        """The next message of theirs."""
        self.count += 1
        return MessageRef(str(self.count), self.count)

    def do(self, line: str) -> str:
        """One line of a transcript; returns what was said."""
        if line.startswith("~ "):
            amount, unit = line[2:].split()
            self.now += timedelta(**{unit if unit.endswith("s") else f"{unit}s": float(amount)})
            self.lines.append(line)
            return ""
        said = line.removeprefix("> ")
        self.lines += [f"> {each}" for each in said.split("\n")]
        self.replies += said != "/start"
        return self.take(self._event(said))

    def walk(self, *lines: str) -> str:
        """Several lines; returns what was said last."""
        for line in lines:
            self.do(line)
        return self.heard

    def take(self, event: Event) -> str:
        """Any event; returns what was said."""
        before = self.session
        turn = step(self.flow, self.session, event, self.now)
        self.turn, self.session = turn, turn.session
        self.sealed |= {part.number: part.text for part in turn.seal}
        for number in turn.drop:
            self.sealed.pop(number, None)
        ask = turn.ask
        match turn.do:
            case LookUp(number=number):
                known = number in self.known
                day, slip = "2026-09-21" if known else None, not known and not is_number(number)
                return self.take(LookedUp(day, slip=slip, begins="" if slip else begins(number)))
            case Finish(another=True):
                self.session, ask = go_on(self.flow, before, self._new()), True
            case Erase() | Forget() | Finish():
                self.session, ask = self._new(), False
            case Submit():
                self.session = submitted(before, number=NUMBER, report="r", day=f"{self.now:%Y-%m-%d}")
                self.known.add(NUMBER)
                self.sealed, ask = {}, True
        if reads_now(self.flow, self.session) and not self.session.submitted:
            self.session = opened(self.session, "r")
        return self._hear(turn, ask, before)

    def _hear(self, turn: Turn, ask: bool, before: Session) -> str:
        if is_over(self.session) and not turn.say:
            return ""
        true = self.flow.vouched | {"acknowledged"} | ({"deletes"} & set(self.abilities))
        shown = said_prompt(self.flow, true, prompt(self.flow, self.session)) if ask else Prompt()
        language = self.session.language if ask else turn.session.language or before.language
        out = self.words.prompt(shown, said_blocks(self.flow, true, turn.say), language)
        if not out.paragraphs:
            self.heard = ""
            return ""
        self.count += 1
        self.messages += 1
        self.heard = out.text
        self.lines += [f"< {line}".rstrip() for line in out.text.split("\n")]
        labels = [f"[{'✓ ' if c.chosen else ''}{c.label}]" for c in out.choices]
        if labels:
            self.lines.append(f"  {' '.join(labels)}")
        return out.text

    def _event(self, said: str) -> Event:
        if said == "/start":
            return CameBack()
        if said.startswith("[") and said.endswith("]"):
            return self.press(said[1:-1])
        if said.startswith("(edit) "):
            return Edited(said[7:], self.mine[-1])
        if found := re.fullmatch(r"\(delete (\d)\)", said):
            return Deleted(self.mine[-int(found[1])])
        if said.startswith("(sends "):
            return Refused(said[7:-1], self.message())
        self.mine.append(self.message())
        return Said(said.replace("{number}", " ".join(re.findall("....", NUMBER))), self.mine[-1])

    def press(self, label: str) -> Pressed:
        """The button that reads so."""
        shown = self.words.prompt(prompt(self.flow, self.session), (), self.session.language)
        for choice in (*shown.choices, *shown.extras):
            if plainly(choice.label) == plainly(label):
                return Pressed(choice.data, MessageRef("shown", self.count, ours=True))
        raise AssertionError(f"there is no button [{label}] at {here(self.session)}")
