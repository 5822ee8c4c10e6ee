"""K06, S02: what is sent while an ending is written is not forgotten; what could not be written changed nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.conversation.plans import came_too_late
from bot.conversation.standing import Kept, Thread
from bot.store import Commit, Outcome, StoreError
from bot.talk.events import MessageRef
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from tests.conftest import Clock, OpenBot
from tests.e2e.test_cases import passes
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, Account, walk
from tests.flows.walking import like_telegram


class Platform(Account):
    """Knows what stands there; sends and commits can be held back by name."""

    def __init__(self) -> None:
        super().__init__(lambda out: None, "telegram", like_telegram("allow"))
        self.standing: set[str] = set()
        self.farewells: set[str] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.sending = 0

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        self.sending += 1
        await self.open.wait()
        self.sending -= 1
        messages = await super().send(address, out)
        self.standing |= {message.id for message in messages}
        if not out.language:  # a last word: it stays
            self.farewells |= {message.id for message in messages}
        return messages

    def _next(self, *, ours: bool) -> MessageRef:
        message = super()._next(ours=ours)
        if not ours:
            self.standing.add(message.id)
        return message

    async def delete(self, address: str, messages: object) -> bool:
        await super().delete(address, messages)
        self.standing -= self.gone
        return True


@asynccontextmanager
async def at_the_end(open_test_bot: OpenBot, lines: list[str]) -> AsyncIterator[tuple[Bot, Platform]]:
    async with open_test_bot() as bot:
        chat = Platform()
        bot.house.channels["telegram"] = chat
        await bot.deliver(chat.came_back())
        await bot.settled()
        await walk(bot, lines, chat)
        yield bot, chat


def held(bot: Bot) -> tuple[asyncio.Event, Callable[[], Awaitable[None]]]:
    """Commits wait for the event; the other waits until one does."""
    gate, waiting, real = asyncio.Event(), asyncio.Event(), bot.store.commit

    async def commit(turn: Commit) -> Outcome:
        waiting.set()
        await gate.wait()
        return await real(turn)

    bot.store.commit = commit  # type: ignore[method-assign]

    async def one() -> None:
        await waiting.wait()

    return gate, one


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  turns of the loop, no time
        await asyncio.sleep(0)


async def nothing_is_left(bot: Bot, chat: Platform, clock: Clock) -> None:
    """A day and an hour later nothing stands at the platform but last words, and no key is left over."""
    await passes(bot, clock, 23)
    await passes(bot, clock, 2)
    await passes(bot, clock, 2)
    assert chat.standing - chat.farewells == set()
    assert list(bot.house.keys.names()) == []


@pytest.mark.parametrize("failures", [1, 3])
async def test_k06_a_submit_that_could_not_be_written_forgets_no_message_and_leaves_no_key(
    open_test_bot: OpenBot, clock: Clock, failures: int
) -> None:
    async with at_the_end(open_test_bot, [*UP_TO_NAME, TO_THE_END[0]]) as (bot, chat):
        before, real, left = set(bot.house.keys.names()), bot.store.commit, failures

        async def commit(turn: Commit) -> Outcome:
            nonlocal left
            if left:
                left -= 1
                raise StoreError("the disk is full")
            return await real(turn)

        bot.store.commit = commit  # type: ignore[method-assign]
        send = chat.pressed("Send it now")
        for _ in range(failures):
            with pytest.raises(StoreError):
                await bot.deliver(send)
            assert set(bot.house.keys.names()) == before
        await bot.deliver(send)  # the platform delivers it again
        await bot.settled()
        assert await bot.store.waiting() == 1
        await nothing_is_left(bot, chat, clock)


ENDINGS = {
    "submit": ([*UP_TO_NAME, TO_THE_END[0]], "[Send it now]"),
    "erase": ([*UP_TO_NAME, TO_THE_END[0]], "erase"),
    "finish": ([*UP_TO_NAME, *TO_THE_END], "[I wrote it down]"),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_k06_what_is_sent_while_an_ending_is_written_is_deleted_too(
    open_test_bot: OpenBot, clock: Clock, ending: str
) -> None:
    lines, word = ENDINGS[ending]
    async with at_the_end(open_test_bot, lines) as (bot, chat):
        chat.open.clear()
        await bot.deliver(chat.said("status"))  # its answer is under way
        gate, one_waits = held(bot)
        arrival = chat.pressed(word[1:-1]) if word.startswith("[") else chat.said(word)
        done = bot.conversations.take(arrival)
        await one_waits()
        said_meanwhile = bot.conversations.take(chat.said("and one thing more"))
        chat.open.set()
        await until(lambda: not chat.sending)
        gate.set()
        await asyncio.wait_for(asyncio.gather(done, said_meanwhile), 10)
        await bot.settled()
        if ending != "submit":  # what came after the end begins a new conversation, and that is forgotten
            await walk(bot, ["[Not now, forget this chat]"], chat)
        await nothing_is_left(bot, chat, clock)


async def test_k06_what_is_sent_while_old_messages_are_tidied_is_deleted_too(
    open_test_bot: OpenBot, clock: Clock
) -> None:
    async with at_the_end(open_test_bot, UP_TO_NAME[:6]) as (bot, chat):
        await passes(bot, clock, 40)
        await walk(bot, ["/start", "[Go on]"], chat)
        chat.open.clear()
        await bot.deliver(chat.said("status"))
        clock.pass_(hours=6)
        gate, one_waits = held(bot)
        await bot.conversations.look()
        await one_waits()
        chat.open.set()
        await until(lambda: not chat.sending)
        gate.set()
        await bot.settled()
        assert chat.gone
        await walk(bot, ["erase"], chat)
        await bot.settled()
        await nothing_is_left(bot, chat, clock)


async def test_s02_erase_in_a_chat_that_takes_no_message_is_confirmed_at_once(
    open_test_bot: OpenBot, clock: Clock
) -> None:
    """Telegram answers its sends with 429: the last word waits, nobody else does."""
    async with at_the_end(open_test_bot, UP_TO_NAME) as (bot, chat):
        chat.open.clear()
        await bot.deliver(chat.said("status"))
        await until(lambda: chat.sending)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.wait_for(bot.deliver(chat.said("erase")), 10)
        assert await bot.store.conversations() == []
        assert loop.time() - began < 4, "it does not wait until what is under way is given up"
        assert chat.sending
        chat.open.set()
        await bot.settled()
        await nothing_is_left(bot, chat, clock)


async def test_k06_erase_on_a_full_disk_destroys_the_draft_all_the_same(open_test_bot: OpenBot, clock: Clock) -> None:
    async with at_the_end(open_test_bot, UP_TO_NAME) as (bot, chat):
        real = bot.store.commit

        async def commit(turn: Commit) -> Outcome:
            raise StoreError("the disk is full")

        bot.store.commit = commit  # type: ignore[method-assign]
        await bot.deliver(chat.said("erase"))
        await bot.settled()
        assert list(bot.house.keys.names()) == []
        assert chat.standing - chat.farewells == set()
        bot.store.commit = real  # type: ignore[method-assign]
        await bot.conversations.look()
        assert await bot.store.conversations() == []
        assert await bot.store._all("SELECT 1 FROM parts") == []


async def test_the_last_word_stands_where_a_message_was_being_changed_when_all_was_erased(
    open_test_bot: OpenBot,
) -> None:
    """What changed it had not ended when the last word took its place: it is no message that came too late."""
    lists = UP_TO_NAME[: UP_TO_NAME.index("2")]
    async with at_the_end(open_test_bot, lists) as (bot, chat):
        chat.open.clear()
        await bot.deliver(chat.pressed("Sent information"))
        await until(lambda: chat.sending)
        erased = asyncio.create_task(bot.deliver(chat.said("erase")))
        for _ in range(50):
            await asyncio.sleep(0)
        chat.open.set()
        await erased
        for _ in range(3):
            await bot.settled()
        assert len(chat.farewells) == 1
        assert chat.standing == chat.farewells


def test_what_stood_there_before_and_was_only_changed_is_no_message_that_came_too_late() -> None:
    """By now it may say the last word, where the last word was put in its place."""
    stood, new = MessageRef("9", 9, True), MessageRef("11", 11, True)
    thread = Thread("telegram", "7", messages=(Kept(stood, 1),))
    assert came_too_late(thread, (stood,), like_telegram()) is None
    chore = came_too_late(thread, (stood, new), like_telegram())
    assert chore is not None
    assert chore.delete == (new,)
