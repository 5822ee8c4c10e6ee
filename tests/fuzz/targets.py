"""What is fuzzed: each target takes bytes, and anything that it raises is a finding.

`python -m tests.fuzz TARGET SECONDS` runs one under atheris; the suite gives each a few hundred inputs.
"""

import asyncio
import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from ruamel.yaml import YAML

from bot.conversation.record import RECORD, decode, encode
from bot.conversation.standing import Kept, Standing, Thread
from bot.errors import SettingsError, StonechatError
from bot.flow.check import refuse_if_wrong
from bot.flow.load import load_flow
from bot.flow.model import Flow
from bot.flow.prompts import prompt
from bot.flow.session import Session
from bot.flow.shelf import Shelf
from bot.flow.source import FlowError
from bot.flow.step import start, step
from bot.seal import passphrase
from bot.seal.age import open_bytes, seal
from bot.seal.hybrid import HybridIdentity
from bot.seal.passphrase import Passphrase
from bot.seal.stanza import read_header, start_of_header
from bot.settings import KNOWN, Settings, load_settings
from bot.store import Commit, End, Stand
from bot.talk.events import Arrival, Blocked, Envelope, Event, MessageRef, Pressed, Said
from bot.talk.outgoing import Abilities, Outgoing
from bot.wiring import Bot, open_bot
from bot.words.catalogue import Words
from bot.words.loading import load_flows, load_words, make_reader
from tests.conftest import make_settings
from tests.flows.test_walks import NOW, WAY
from tests.fuzz.doors import TOKEN, loop, of_frames, of_updates
from tests.fuzz.mutating import Choices, mutated

OURS, THEIRS = HybridIdentity(bytes(range(32))), HybridIdentity(bytes(range(1, 33)))


@cache
def world() -> tuple[Flow, Shelf, Words, tuple[Session, ...]]:
    """The real flow, and one session at every point of a long report."""
    words = load_words()
    flows, shelf = load_flows(words, organisation="Example", help_at="x", first_read=24)
    flow = flows["reprisal", 1]
    session = Session("reprisal", 1, nonce=77, word="amber river", last=int(NOW.timestamp()), channel="telegram")
    sessions = [start(flow, msgspec.structs.replace(session, abilities=("buttons", "edits", "deletes")))]
    for order, said in enumerate(WAY, 1):
        sessions.append(step(flow, sessions[-1], Said(said, MessageRef(str(order), order)), NOW).session)
    return flow, shelf, words, tuple(sessions)


def goes_on(standing: Standing, event: Event) -> Session:
    """A step and its prompt, up to the bytes that leave."""
    flow, _, words, _ = world()
    turn = step(flow, standing.session, event, NOW)
    out = words.prompt(prompt(flow, turn.session), turn.say, turn.session.language)
    msgspec.json.encode(out)
    assert all(0 < len(c.data.encode()) <= 64 for c in (*out.choices, *out.extras))
    for part in turn.seal:
        part.text.encode("utf-8", "replace")
    encode(Standing(turn.session, standing.thread))
    return turn.session


# --- updates ---


def updates(data: bytes) -> None:
    """An answer of getUpdates: what comes through the door goes on, wherever its person stands."""
    choices = Choices(data)
    arrivals = of_updates(choices)
    _, _, _, sessions = world()
    session = sessions[choices.number(len(sessions) - 1)]
    standing = Standing(session, Thread("telegram", "7", asked=((4, session.at), (1, "rubbish"))))
    for arrival in arrivals:
        if not isinstance(arrival.event, Blocked):
            standing = Standing(goes_on(standing, arrival.event), standing.thread)


# --- flows ---

SMALL = """\
flow: small
version: 1
roles:
  first_words: story
  place: land
  acts: what
  contact: {asked: [who], here: self, never: other, unanswered: self, when: who}
  share: [share]
  held: {share: [none]}
  read_now: none
  read_if_silent: {share: [all]}
  sensitive: {flag: [OTHER]}
  another: {keeps: [who, share], but: {who: [self]}}
chapters:
  - id: begin
    title: Begin
    steps:
      - {id: safe, kind: screen, ask: Are you safe?, options: [{id: go, label: Go on, does: start}]}
      - id: who
        kind: choice
        required: true
        ask: Who?
        options:
          - {id: self, label: Me}
          - {id: other, label: Somebody, set: OTHER, says: We hear you.}
      - id: story
        class: case
        kind: text
        max: 4000
        title: Story
        ask: [{when: {who: [other]}, text: What was done to them?}, {text: What was done?}]
  - id: acts
    title: Acts
    repeat: 3
    steps:
      - {id: what, kind: choices, ask: What?, options: {codes: acts}}
      - {id: since, kind: date, ask: Since when?, when: {what: "*"}}
      - {id: more, kind: choice, ask: More?, options: [{id: y, label: "Yes", does: next_round}, {id: n, label: "No"}]}
  - id: end
    title: End
    sendable: true
    steps:
      - {id: land, kind: country, many: true, ask: Where?}
      - id: share
        kind: consent
        text_version: 1
        title: Share
        ask: May we?
        scale: [none, some, all]
        options: [{id: none, label: "No"}, {id: some, label: Some}, {id: all, label: All}]
      - id: sent
        kind: screen
        required: true
        ask: Send it?
        options: [{id: now, label: Send, does: submit}, {id: on, label: Go on}]
caps:
  - {when: {who: [other]}, step: share, most: some, set: CAPPED}
"""
FLOW_WORDS = (
    "id kind class ask title options groups when required max many for_each text_version by scale no_contact free "
    "label labels set group says does also sendable repeat intro aside steps flow version roles first_words chapters "
    "caps place acts contact share held read_now read_if_silent sensitive another keeps but as "
    "lists codes acts choice choices text date country files consent screen alone say forget erase danger pause review "
    "submit start next_round just_help case identity contact sensitive self other who story what not any flag channel "
    "most step not_in any_of all * yes no 1 {who} language countries"
).split(" ")


@cache
def small_tree() -> Any:
    return msgspec.to_builtins(YAML(typ="safe").load(SMALL))


def _yaml(tree: Any) -> str:
    """Any tree is YAML as JSON."""
    return msgspec.json.encode(tree).decode()


def flow(data: bytes) -> None:
    """A flow file is a flow that can be walked, or it is refused in one line with its file and line."""
    choices = Choices(data)
    if choices.number(3) == 0:
        lines = SMALL.splitlines()
        for _ in range(1 + choices.number(3)):
            at = choices.number(len(lines) - 1)
            match choices.number(3):
                case 0:
                    del lines[at : at + 1 + choices.number(3)]
                case 1:
                    lines.insert(at, choices.text(40))
                case 2:
                    lines[at] = lines[at].replace(choices.one(FLOW_WORDS), choices.one(FLOW_WORDS))
                case 3:
                    lines[at] = " " * choices.number(8) + lines[at].lstrip()
            lines = lines or [""]
        text = "\n".join(lines)
    else:
        try:
            text = _yaml(mutated(small_tree(), choices, FLOW_WORDS))
        except (UnicodeEncodeError, OverflowError, ValueError):
            return
    _, shelf, words, _ = world()
    path = scratch() / "small" / "1.yaml"  # file and folder say what the flow says, else nothing else is looked at
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        found = load_flow(path, shelf, make_reader(words, shelf), organisation="Example", first_read=24)
        refuse_if_wrong(found, path)
    except FlowError as error:
        refused(error)
        where = error.where.rpartition(":")
        assert where[0].endswith(".yaml")
        assert where[2].isdigit()
        return
    walk(found, words, choices)


def walk(found: Flow, words: Words, choices: Choices) -> None:
    session = start(found, Session(found.id, found.version, nonce=1, word="a b", last=int(NOW.timestamp())))
    for order in range(1, 12):
        buttons = [*prompt(found, session).choices, *prompt(found, session).extras]
        event: Event = Said(choices.text(20), MessageRef(str(order), order))
        if buttons and choices.number(3):
            event = Pressed(choices.one(buttons).data, MessageRef("0", ours=True))
        turn = step(found, session, event, NOW)
        words.prompt(prompt(found, turn.session), turn.say, "en")
        if turn.do:
            return
        session = turn.session


def refused(error: StonechatError) -> None:
    assert str(error)
    assert "\n" not in str(error), "an error is one line"
    assert TOKEN not in str(error), "and holds no secret"


@cache
def scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="stonechat-fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))


# --- settings ---


def settings(data: bytes) -> None:
    """A settings file and variables are Settings, or one line."""
    choices = Choices(data)
    path, token = scratch() / "stonechat.toml", scratch() / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    if choices.number(3) == 0:
        path.write_bytes(choices.rest())
    else:
        values = {"languages": "ar, en", "draft_ttl": 24, "telegram_token_file": "token", "intake": "embedded"}
        values = mutated(values, choices, [*KNOWN, "embedded", "folder:x", "https://a.example/x", "ask", "sqlite:x"])
        lines = [f"{k} = {_toml(v)}" for k, v in (values.items() if isinstance(values, dict) else ())]
        path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    environ = {}
    for _ in range(choices.number(2)):
        name = choices.one([*KNOWN, "telegram_token_file", "languges"]).upper()
        value = choices.one([choices.text(20), "1", "yes", "", "ar", "-1", "9" * 5000])
        environ[f"STONECHAT_{name}"] = value.replace("\0", "")
    try:
        found = load_settings(path, environ)
    except SettingsError as error:
        refused(error)
        return
    assert isinstance(found, Settings)
    for name, field in KNOWN.items():
        value = getattr(found, name)
        assert not isinstance(value, bool)
        if field.type in (int, "int"):
            assert isinstance(value, int)
    assert found.spread >= 0
    assert str(found.database_file)
    assert str(found.recipients_file)


def _toml(value: Any) -> str:
    try:
        return msgspec.toml.encode({"a": value}).decode().partition("=")[2].strip() or '""'
    except Exception:
        return str(value).encode("ascii", "backslashreplace").decode()


# --- age ---


@cache
def sealed_seeds() -> tuple[bytes, ...]:
    one = bytes(seal(b"They came at night.", [OURS.recipient]))
    two = bytes(seal(b"x" * 65_536, [THEIRS.recipient, OURS.recipient]))
    locked = bytes(seal(b"words", [Passphrase("password", 1)]))
    return one, two, locked


def age(data: bytes) -> None:
    """An age file opens, or says what is wrong with it; a header that is read is the only spelling of itself."""
    choices = Choices(data)
    raw = choices.one((b"", b"age-encryption.org/v1\n", *sealed_seeds()))
    raw = bytearray(raw)
    for _ in range(choices.number(4)):
        at = choices.number(min(len(raw), 4000))
        match choices.number(3):
            case 0:
                raw[at : at + 1] = choices.raw(3)
            case 1:
                raw[at:at] = choices.one((b"\n", b"-> ", b"--- ", b"=", b"-> X a\n\n", b"\r", b"-> scrypt ", b"AAAA"))
            case 2:
                del raw[at : at + choices.number(80)]
            case 3:
                del raw[at:]
    raw += choices.rest()
    with contextlib.suppress(StonechatError):
        header = read_header(io.BytesIO(raw))
        whole = start_of_header(list(header.stanzas))
        assert whole == header.signed
        assert bytes(raw).startswith(whole)
    with mock.patch.object(passphrase, "MOST_WORK", 12):  # what is asked beyond that takes gigabytes, as it may
        try:
            found = open_bytes(bytes(raw), (OURS, Passphrase("password", 2)))
        except StonechatError as error:
            refused(error)
            return
    assert found in (b"They came at night.", b"x" * 65_536, b"words")


# --- sessions ---


@cache
def stored() -> tuple[Any, ...]:
    _, _, _, sessions = world()
    found = []
    for session in sessions:
        if session.agreed:
            ours = MessageRef("2", 2, True)
            kept = (Kept(MessageRef("1", 1), 1_790_000_000), Kept(ours, 1_790_000_001))
            thread = Thread("telegram", "7", kept, ((2, session.at),), 3, 3, 3, ours)
            found.append(msgspec.msgpack.decode(encode(Standing(session, thread))))
    return tuple(found)


def sessions(data: bytes) -> None:
    """A stored conversation of any form is read or left alone, and nothing that comes then stops the bot."""
    choices = Choices(data)
    world()
    if choices.number(3) == 0:
        raw = choices.rest()
    else:
        words = ["safe_write", "act_story", "~review", "~idle", "reprisal", "telegram", "en", "answered", "contact"]
        try:
            raw = msgspec.msgpack.encode(mutated(choices.one(stored()), choices, words, 3))
        except (UnicodeEncodeError, OverflowError, ValueError):
            return
    standing = decode(raw, 1)
    if standing is not None:
        again = decode(encode(standing), 1)
        assert again is not None
        assert again.session == standing.session
    bot = house()
    loop().run_until_complete(asyncio.wait_for(_taken_up(bot, raw, choices.text(20)), 60))


_open = contextlib.AsyncExitStack()


def close() -> None:
    """The bot of `house`, and what was written."""
    loop().run_until_complete(_open.aclose())
    shutil.rmtree(scratch(), ignore_errors=True)


@cache
def house() -> Bot:
    """A whole bot, on a memory file system where there is one."""
    settings = make_settings(scratch(), intake=f"folder:{scratch()}/inbox")
    bot = loop().run_until_complete(_open.enter_async_context(open_bot(settings)))
    bot.house.channels["telegram"] = Quiet()
    return bot


async def _taken_up(bot: Bot, raw: bytes, words: str) -> None:
    """The bot comes up with this in its store; its person writes, and so does somebody else."""
    store, keys, front = bot.house.store, bot.house.keys, bot.conversations
    owners = [keys.conversation("telegram", account) for account in ("7", "8")]
    keys.create(owners[0])
    await store.commit(Commit(owners[0], 1, (), (Stand(keys.encrypt(owners[0], RECORD, raw)),)))
    await front.resume()
    await front.look()
    Quiet.last += 2
    for account in ("7", "8"):
        message = MessageRef(str(Quiet.last), Quiet.last)
        envelope = Envelope("telegram", f"{Quiet.last}{account}", account, account, message)
        await front.take(Arrival(envelope, Said(words, message)))
    await front.settled()
    assert not front.queued
    assert front.healthy
    for owner in owners:
        front._awake.pop(owner, None)
        keys.destroy(owner)
        if row := await store.load(owner):
            await store.commit(Commit(owner, row[0] + 1, (), (End(),)))


# --- frames ---


class Quiet:
    """A channel that takes everything at once."""

    name = "telegram"
    abilities = Abilities(buttons=True, edits=True, deletes="both", deletes_for=46 * 3600, orders=True)
    last = 10

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        msgspec.json.encode(out.text)
        Quiet.last += 1
        return (MessageRef(str(Quiet.last), Quiet.last, True),)

    async def delete(self, address: str, messages: Any) -> bool:
        return True


def frames(data: bytes) -> None:
    """Whatever a page sends: what comes through the door goes on, wherever its person stands."""
    choices = Choices(data)
    _, _, _, walked = world()
    arrivals = of_frames(choices)
    session = choices.one(walked)
    standing = Standing(session, Thread("phone", "x", asked=((4, session.at),)))
    for arrival in arrivals:
        standing = Standing(goes_on(standing, arrival.event), standing.thread)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "updates": updates,
    "flow": flow,
    "settings": settings,
    "age": age,
    "sessions": sessions,
    "frames": frames,
}
