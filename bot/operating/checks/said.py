"""What reporters are told, and who is told of them: languages, alarm, sentences that need something to hold."""

import time
from collections.abc import Iterator

from bot.operating.checks.finding import Finding, good
from bot.settings import Settings


def flows(settings: Settings) -> Iterator[Finding]:
    """Languages that are offered or left out, help lines that nobody called, who receives reports."""
    from bot.words.loading import load_flows, load_words, offer_languages

    words = load_words()
    flows, shelf = load_flows(words)
    flows, left_out = offer_languages(words, flows, shelf, settings.languages)
    offered = next(iter(flows.values())).languages
    yield good("languages", ", ".join(code for code, _ in offered))
    for line in left_out:
        yield Finding("languages", "warning", line)
    for name in sorted(name for name, card in shelf.cards.items() if card.checked is None):
        what = f"nobody has called the numbers of flows/help/{name}.yaml"
        yield Finding("helplines", "warning", what, "call them, and write the day into 'checked'")
    if not settings.organisation:
        yield Finding("organisation", "bad", "reporters are not told who receives this", 'set organisation = "NAME"')


async def alarm(settings: Settings) -> list[Finding]:
    """Who is told when somebody is in danger, and whether a person ever heard it."""
    from bot.alarm import MemoryStore, health
    from bot.ringing import open_store, senders_of

    async with open_store(settings) as store:
        found = await health(senders_of(settings), store or MemoryStore(), time.time())
    return [Finding(each.name, each.state, each.what, each.mend) for each in found]


async def sentences(settings: Settings) -> list[Finding]:
    """What reporters are told of people and machines today, of flows/promises.yaml: each sentence that may not hold."""
    from bot.operating.promised import facts_today, standing
    from bot.words.loading import load_flows, load_words, newest_flow

    flows, _ = load_flows(load_words())
    found = []
    for name, is_said, lacks, instead in standing(newest_flow(flows), await facts_today(settings)):
        what = f"{name} is said" if is_said else f"{name} is not said, for it lacks {', '.join(lacks)}: {instead} is"
        found.append(good("sentence", what))
    return found
