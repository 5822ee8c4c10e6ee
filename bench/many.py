"""What an open conversation costs, with few and with many of them: CPU an update, memory. python -m bench.many"""

import asyncio
import gc
import logging
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from bench.process import memory_folder
from bot.conversation.conversation import NOTE_AFTER
from bot.machine.process import settle_memory
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.talk.events import Arrival, CameBack, Envelope, MessageRef, Said
from bot.talk.outgoing import Abilities, Outgoing
from bot.wiring import Bot, open_bot

FEW, MANY, UPDATES = 50, 5_000, 1_000  # at most 20 messages a person: an answer holds 24
ROUNDS = 3  # each in a process of its own
WAY = "1|2|3|1|1".split("|")  # up to the story


class Quiet:
    """A channel that takes everything at once."""

    name = "terminal"
    abilities = Abilities(buttons=True)

    def __init__(self) -> None:
        self.last = 0

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        self.last += 1
        return (MessageRef(str(self.last), self.last, True),)

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        return True


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def say(bot: Bot, channel: Quiet, people: Sequence[int], text: str, tag: str) -> None:
    """The same words from several people."""
    waiting = []
    for person in people:
        channel.last += 1
        message = MessageRef(str(channel.last), channel.last)
        envelope = Envelope("terminal", f"{tag}:{person}", str(person), str(person), message)
        waiting.append(bot.conversations.take(Arrival(envelope, Said(text, message) if text else CameBack())))
    await asyncio.gather(*waiting)


async def begin(bot: Bot, channel: Quiet, people: Sequence[int]) -> None:
    """A hundred come and tell, then the next hundred."""
    for start in range(0, len(people), 100):
        for number, text in enumerate(["", *WAY]):
            await say(bot, channel, people[start : start + 100], text, str(number))
        await bot.settled()


async def cost(bot: Bot, channel: Quiet, people: int) -> float:
    """Milliseconds of CPU an update, spread over all who are there."""
    chosen = [n * people // UPDATES if people > UPDATES else n % people for n in range(UPDATES)]
    before = time.process_time()
    for start in range(0, UPDATES, 50):
        await say(bot, channel, chosen[start : start + 50], "They stopped me at the gate.", f"story{start}")
        await asyncio.sleep(2 * NOTE_AFTER)  # people take longer than a note of what was sent to them waits
    return (time.process_time() - before) * 1000 / UPDATES


async def measure() -> tuple[float, float, float]:
    """(ms an update with few, with many; bytes of memory each)."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory_folder()) as keys:
        recipients = Path(folder) / "recipients.txt"
        recipients.write_text("\n".join(HybridIdentity.generate().recipient.text for _ in range(2)))
        settings = Settings(state=Path(folder) / "state", keys=Path(keys), recipients=recipients, languages=("en",))
        async with open_bot(settings) as bot:
            settle_memory()  # as `run` does
            channel = Quiet()
            bot.house.channels["terminal"] = channel
            await begin(bot, channel, range(FEW))
            few = await cost(bot, channel, FEW)
            gc.collect()
            before = resident()
            await begin(bot, channel, range(FEW, MANY))
            gc.collect()
            each = (resident() - before) / (MANY - FEW)
            many = await cost(bot, channel, MANY)
            await bot.conversations.stop()
    return few, many, each


def one_round() -> tuple[float, float, float]:
    logging.disable(logging.CRITICAL)
    return asyncio.run(measure())


def main() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as fresh:
        rounds = [fresh.submit(one_round).result() for _ in range(ROUNDS)]
    few, many, each = (median(figures) for figures in zip(*rounds, strict=True))
    print(f"{FEW} open conversations: {few:.2f} ms CPU an update (no channel), median of {ROUNDS}")
    print(f"{MANY} open conversations: {many:.2f} ms, {many / few:.2f} times; {each / 1024:.1f} KB each in memory")


if __name__ == "__main__":
    main()
