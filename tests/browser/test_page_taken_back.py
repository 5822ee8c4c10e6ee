"""One's own words are taken back on the page: by touch, by keyboard, by a screen reader's name, offline, in Arabic."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.talk.events import Deleted
from bot.talk.outgoing import Choice, Outgoing
from tests.browser.alone import TOKEN, Wire, opened_page
from tests.browser.conftest import screen, served
from tests.browser.test_page_for_all import FINGER, SMALL, WORDS, ask, shown
from tests.browser.test_phone_page import ARABIC, START, START_AR, STORY, violations
from tests.channels.alone import until
from tests.channels.test_phone_door import page
from tests.conftest import OpenBot

OTHER = "And they laughed."


async def told(found: Page, phone: Any, words: str) -> str:
    """Words that arrived and are kept; their id."""
    await found.fill("#text", words)
    await found.locator("#send").click()
    own = found.locator(".own").last
    await expect(own.locator(".mark.saved")).to_have_count(1)
    kept = await found.locator(".own[data-id]").evaluate_all("(all) => all.map((each) => each.dataset.id)")
    await phone.send(TOKEN, Outgoing((f"Saved {len(kept)}.",), language="en", kept=tuple(kept)))
    await expect(found.locator(".bubble").last).to_contain_text(f"Saved {len(kept)}.")
    return str(kept[-1])


@pytest.mark.parametrize("how", ["touch", "keyboard"])
async def test_own_words_are_taken_back(chromium: Browser, open_test_bot: OpenBot, node: Path, how: str) -> None:
    """With a whole bot behind it: what is taken back is gone from the page and from the store, asked about once."""
    options = FINGER if how == "touch" else SMALL
    async with served(open_test_bot) as (bot, url), screen(chromium, url, **options) as ana:
        await ana.walks(*START, ("They came.", "Saved. Send more"), (OTHER, "Saved. Send more"))
        (conversation,) = await bot.store.conversations()
        assert len(await bot.store.parts(conversation)) == 2
        button = ana.page.get_by_role("button", name=f"Take it back {OTHER}", exact=True)
        await expect(ana.page.get_by_role("button", name="Take it back")).to_have_count(2)
        assert await violations(ana, node) == []
        await ana.fits()
        if how == "touch":
            await ana.page.wait_for_timeout(700)  # a finger that comes sooner meant what stood there before
            await button.tap()
        else:
            await ana.page.focus("#text")
            for _ in range(30):
                if await button.evaluate("(b) => b === document.activeElement"):
                    break
                await ana.page.keyboard.press("Shift+Tab")
            await ana.page.wait_for_timeout(700)
            await ana.page.keyboard.press("Enter")
        await ana.hears("We dropped that message here too.")
        await expect(ana.page.get_by_text(OTHER)).to_have_count(0)
        assert len(await bot.store.parts(conversation)) == 1
        assert await ana.page.evaluate("document.activeElement !== document.body"), "focus is not lost"
        await expect(ana.page.get_by_role("button", name="Take it back")).to_have_count(1)
        await ana.page.reload()
        await ana.hears("We dropped that message here too.")
        await expect(ana.page.locator(".own .locked")).to_have_count(1)
        await expect(ana.page.get_by_role("button", name="Take it back ")).to_have_count(1)


async def test_a_word_of_the_bots_and_a_report_that_was_sent_offer_nothing(
    chromium: Browser, open_test_bot: OpenBot
) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
        await ana.walks(*START, ("help", "You can write these words"))
        await expect(ana.page.locator(".own")).to_have_count(1)
        await expect(ana.page.locator(".take")).to_have_count(0)
        await ana.walks(("They came.", "Saved. Send more"), ("[I am in danger]", "May our team read"))
        await expect(ana.page.locator(".own")).to_have_count(3)
        await expect(ana.page.locator(".take")).to_have_count(1)


async def test_in_arabic(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url, locale="ar", **FINGER) as amal:
        await amal.walks(*START_AR, (ARABIC, "حُفظ"))
        button = amal.page.get_by_role("button", name="سحب الرسالة")
        await expect(button).to_have_count(1)
        await amal.fits()
        await amal.page.wait_for_timeout(700)
        await button.tap()
        await amal.hears("حذفنا تلك الرسالة")
        await expect(amal.page.locator(".own p.typed")).to_have_count(0)


async def test_taking_back_waits_while_nobody_is_there(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, taking, found):
        await ask(phone, found, "What happened?")
        id_ = await told(found, phone, "They came.")
        wire.dead = True
        await expect(found.get_by_role("status")).to_contain_text("No connection", timeout=10_000)
        await found.locator(".take").click()
        await expect(found.locator(".take .mark.waits")).to_contain_text("waits here")
        await expect(found.get_by_text("They came.").first).to_be_visible()
        await found.locator(".take").click()  # a second press is no second wish
        wire.dead = False
        await expect(found.locator(".own")).to_have_count(0, timeout=30_000)
        await expect(found.get_by_role("status")).to_contain_text("Taken back.")
        assert [e.message.id for e in taking.events if isinstance(e, Deleted)] == [id_]


async def test_words_that_never_left_are_taken_back_at_once_and_never_sent(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, taking, found):
        await ask(phone, found, "What happened?")
        wire.dead = True
        await expect(found.get_by_role("status")).to_contain_text("No connection", timeout=10_000)
        for words in ("They came.", OTHER):
            await found.fill("#text", words)
            await found.locator("#send").click()
        await found.wait_for_timeout(700)
        await found.get_by_role("button", name="Take it back They came.").click()
        await expect(found.locator(".own")).to_have_count(1)
        wire.dead = False
        await expect(found.locator(".own .mark.saved")).to_have_count(1, timeout=30_000)
        assert [a.event.text for a in taking.arrivals if hasattr(a.event, "text")] == [OTHER]


async def test_words_that_may_have_left_are_taken_back_once_they_arrived(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, taking, found):
        await ask(phone, found, "What happened?")
        wire.dead = True  # nobody knows it yet
        await found.fill("#text", "They came.")
        await found.locator("#send").click()
        await found.wait_for_timeout(700)
        await found.locator(".take").click()
        await expect(found.get_by_role("status")).to_contain_text("No connection", timeout=12_000)
        await expect(found.locator(".take .mark.waits")).to_have_count(1)
        wire.dead = False
        await expect(found.locator(".own")).to_have_count(0, timeout=30_000)
        said, deleted = [a for a in taking.arrivals if hasattr(a.event, "message")]
        assert deleted.event == Deleted(said.event.message.__class__(said.event.message.id, said.event.message.order))


async def test_what_can_not_be_taken_back_stays_and_says_so(chromium: Browser) -> None:
    async with shown(chromium) as (phone, taking, found):
        await ask(phone, found, "What happened?")
        await told(found, phone, "They came.")
        taking.notice = "It stays."
        await found.wait_for_timeout(700)
        await found.locator(".take").click()
        await expect(found.get_by_role("status")).to_contain_text("It stays.")
        await expect(found.locator(".own p.typed")).to_have_text("They came.")
        await expect(found.locator(".take")).to_have_count(0)


async def test_a_tap_that_was_meant_for_what_stood_there_takes_nothing_back(chromium: Browser) -> None:
    async with shown(chromium) as (phone, taking, found):
        await ask(phone, found, "What happened?")
        await told(found, phone, "They came.")
        await found.locator(".take").evaluate("(b) => b.click()")
        await phone.send(TOKEN, Outgoing(("And then?",), (Choice("Done", "2:d"),), language="en"))
        await expect(found.locator(".bubble").last).to_contain_text("And then?")
        assert not [e for e in taking.events if isinstance(e, Deleted)]


async def test_it_is_small_below_its_words_and_away_from_danger(chromium: Browser) -> None:
    async with shown(chromium, **FINGER) as (phone, _, found):
        await ask(phone, found, "What happened?")
        await told(found, phone, "They came.")
        take, danger, said = [
            await found.locator(each).last.bounding_box() for each in (".take", "#danger", ".own .said")
        ]
        assert take
        assert danger
        assert said
        assert take["y"] >= said["y"] + said["height"] - 1
        assert take["y"] - danger["y"] - danger["height"] > 44
        assert take["height"] >= 32
        assert take["width"] < danger["width"] + 40


async def test_the_words_come_back_nowhere(chromium: Browser) -> None:
    """Not in the markup, not in what the tab keeps, not after a reload."""
    async with page(WORDS) as (phone, taking, url), opened_page(chromium, url) as found:
        await ask(phone, found, "What happened?")
        await told(found, phone, STORY)
        await found.wait_for_timeout(700)
        await found.locator(".take").click()
        await expect(found.locator(".own")).to_have_count(0)
        await until(lambda: any(isinstance(e, Deleted) for e in taking.events))
        assert "stopped me" not in await found.content()
        assert await found.evaluate("Object.keys(sessionStorage).join() + Object.keys(localStorage).join()") == "token"
        await found.reload()
        await expect(found.locator(".bubble")).not_to_have_count(0)
        await expect(found.locator(".own")).to_have_count(0)
