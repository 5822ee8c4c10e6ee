"""Whole conversations on the phone page, in a real browser; what may go wrong with a browser; who can't use it."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.report.opened import open_report
from tests.browser.conftest import Screen, Steps, opened, screen, served
from tests.conftest import IDENTITY, OpenBot, run_node

STORY = "They stopped me at the gate.\nThey took my papers — <b>all</b> of them."
START: Steps = [
    ("[English]", "Are you somewhere safe"),
    ("[Yes, go on]", "Do you agree to start"),
    ("[Yes, I agree]", "If you stop before the end"),
    ("[No, destroy it]", "Who are you telling us about"),
    ("[Me]", "Are you under 18"),
    ("[No]", "What happened, and about when"),
]
REST: Steps = [
    ("[Done]", "In which country"),
    ("Kenya, Nairobi", "What did you do with the UN"),
    ("2", "How are you now"),
    ("[Skip]", "who may see it"),
    ("[Yes, to the UN team]", "What name should we use"),
    ("Ana", "write to you again"),
    ("[I come back with my number]", "You may send it now"),
    ("[Send it now]", "Your return number is"),
]
# byte for byte: marks, digits of two scripts, a joiner, both directions, an emoji
ARABIC = "أوقفوني في المطار يوم ٥ مارس 2026،\nوأخذوا جوازي (Terminal 2) قرب البوّابة. عائلتي\u200cهناك 👪"
START_AR: Steps = [
    ("[العربية]", "هل أنت في مكان آمن"),
    ("[نعم، متابعة]", "هل لدينا موافقتك على البدء"),
    ("[نعم، أوافق]", "إن توقفت قبل النهاية"),
    ("[لا، يُتلف]", "عمن هذا البلاغ"),
    ("[عني]", "هل عمرك أقل من 18"),
    ("[لا]", "ماذا حدث"),
]


async def test_a_whole_report_in_english(chromium: Browser, open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with served(open_test_bot) as (bot, url), screen(chromium, url) as ana:
        await ana.walks(*START, (STORY, "Saved. Send more"))
        await expect(ana.page.locator(".own .mark").last).to_contain_text("arrived")
        own = ana.page.locator(".own p").last
        assert await own.inner_text() == STORY, "shown as text, never as markup"
        await ana.walks(*REST, ("[I wrote it down]", "Thank you for trusting us"))
        await expect(ana.bubbles).to_have_count(1)  # both sides' messages are gone but the farewell
        report = open_report(await opened(bot, tmp_path), [IDENTITY], bot.house.signer.public)
        assert set(report.texts.values()) == {STORY, "Nairobi", "Ana"}
        assert (report.document or {})["channel"] == "phone"


async def test_a_whole_report_in_arabic_opened_by_ages_own_library(
    chromium: Browser, open_test_bot: OpenBot, tmp_path: Path, node: Path
) -> None:
    async with served(open_test_bot) as (bot, url), screen(chromium, url, locale="ar") as amal:
        await expect(amal.page.locator("html")).to_have_attribute("dir", "rtl")
        await amal.walks(*START_AR, (ARABIC, "حُفظ"))
        await amal.walks(
            ("انتهيت", "في أي بلد"),
            ("كينيا", "ماذا فعلت مع الأمم المتحدة"),
            ("٢", "كيف حالك الآن"),
            ("تخط", "من يمكنه أن يراه"),
            ("[فريقكم فقط]", "أي اسم نستعمل"),
            ("أمل", "هل يمكننا أن نكتب لك"),
            ("[أعود برقمي]", "يمكنك الإرسال الآن"),
            ("[إرسال الآن]", "رقم العودة"),
        )
        folder = await opened(bot, tmp_path)
        document = json.loads(run_node(node, "open", IDENTITY.text, data=(folder / "report.age").read_bytes()))
        (part,) = document["answers"]["act_story"]["parts"]
        words = run_node(node, "open", IDENTITY.text, data=(folder / part["part"]).read_bytes())[: part["size"]]
        assert words == ARABIC.encode()
        assert document["language"] == "ar"


async def test_danger_on_the_page(chromium: Browser, open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with served(open_test_bot) as (bot, url), screen(chromium, url) as ana:
        await ana.walks(
            ("[I am in danger]", "May our team read this"),
            ("[Yes, read it and act]", "What is going on"),
            ("[Taken or held]", "Who needs help"),
            ("[Someone else]", "Begin with the country"),
            ("Kenya, my brother", "How may we reach you"),
            ("[In this chat]", "who else may see it"),
            ("[Ask me first]", "Nobody is told at once"),
        )
        report = open_report(await opened(bot, tmp_path), [IDENTITY])
        assert report.manifest.ring
        assert "Kenya, my brother" in report.texts.values()


async def test_a_reload_goes_on_and_shows_no_words(chromium: Browser, open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with served(open_test_bot) as (bot, url), screen(chromium, url) as ana:
        await ana.walks(*START, (STORY, "Saved. Send more"))
        stored = await ana.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
        assert json.loads(stored)[0].keys() == {"token"}
        assert json.loads(stored)[1:] == [{}, ""]
        await ana.page.reload()
        await ana.hears("Saved. Send more")
        assert STORY not in await ana.page.content()
        await expect(ana.page.locator(".own").last).to_contain_text("Locked.")
        await ana.walks(("And they laughed.", "Saved. Send more"), *REST)
        report = open_report(await opened(bot, tmp_path), [IDENTITY])
        assert [t for t in report.texts.values() if t in (STORY, "And they laughed.")] == [STORY, "And they laughed."]


async def test_a_lost_connection_loses_nothing_and_repeats_nothing(
    chromium: Browser, open_test_bot: OpenBot, tmp_path: Path
) -> None:
    """The bot is stopped and started again while somebody writes."""
    async with AsyncExitStack() as stack:
        first = AsyncExitStack()
        _, url = await first.enter_async_context(served(open_test_bot))
        ben = await stack.enter_async_context(screen(chromium, url))
        await ben.walks(*START, ("Before.", "Saved. Send more"))
        await first.aclose()
        await expect(ben.page.get_by_role("status")).to_contain_text("No connection")
        await ben.says("Meanwhile.")
        await ben.says("And this.")
        await expect(ben.page.locator(".mark", has_text="on its way")).to_have_count(2)
        bot, _ = await stack.enter_async_context(served(open_test_bot, int(url.rpartition(":")[2])))
        await ben.hears("Saved. Send more")
        await expect(ben.page.locator(".mark", has_text="on its way")).to_have_count(0)
        await expect(ben.page.get_by_role("status")).to_be_empty()
        await ben.walks(*REST)
        report = open_report(await opened(bot, tmp_path), [IDENTITY])
        told = [t for t in report.texts.values() if t in ("Before.", "Meanwhile.", "And this.")]
        assert told == ["Before.", "Meanwhile.", "And this."]


async def test_two_tabs_of_one_chat(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
        await ana.walks(*START[:3])
        token = await ana.page.evaluate("sessionStorage.getItem('token')")
        async with screen(chromium, url, token=token) as second:
            await second.hears("If you stop before the end")
            await expect(ana.page.get_by_text("This chat is open in another tab.")).to_be_visible()
            await second.presses("No, destroy it", "Who are you telling us about")
            await ana.presses("Go on here", "Who are you telling us about")
            await expect(second.page.get_by_text("This chat is open in another tab.")).to_be_visible()
            await ana.presses("Me", "Are you under 18")


async def test_another_browser_sees_nothing_of_it(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (bot, url):
        async with screen(chromium, url) as ana:
            await ana.walks(*START, (STORY, "Saved. Send more"))
        async with screen(chromium, url) as other:
            await other.hears("Which language do you want to use?")
            await expect(other.bubbles).to_have_count(1)
        assert len(await bot.store.conversations()) == 1


async def test_erase_empties_the_page(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (bot, url), screen(chromium, url) as ana:
        await ana.walks(*START, (STORY, "Saved. Send more"), ("erase", "We erased it here"))
        await expect(ana.bubbles).to_have_count(1)
        assert await bot.store.conversations() == []
        await ana.says("hello", "Which language do you want to use?")


@pytest.mark.parametrize(
    ("name", "options", "steps"),
    [
        ("first", {}, []),
        ("asked", {}, START),
        ("dark", {"color_scheme": "dark"}, [*START, (STORY, "Saved")]),
        ("arabic", {"locale": "ar"}, [*START_AR, (ARABIC, "حُفظ")]),
        ("arabic-dark", {"locale": "ar", "color_scheme": "dark"}, START_AR[:2]),
        ("danger", {}, [("danger", "May our team read")]),
        ("narrow", {"viewport": {"width": 320, "height": 568}}, [*START, (STORY, "Saved")]),
        ("small", {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}, START),
        ("help", {"viewport": {"width": 360, "height": 740}}, [*START, ("help", "You can write these words")]),
        ("ticked", {"color_scheme": "dark"}, [*START, (STORY, "Saved"), *REST[:2], ("[Met UN staff]", "What did you")]),
        ("wide", {"viewport": {"width": 1280, "height": 900}}, START),
    ],
)
async def test_everybody_can_use_it(
    chromium: Browser,
    open_test_bot: OpenBot,
    node: Path,
    name: str,
    options: dict[str, object],
    steps: list[tuple[str, str]],
) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url, **options) as ana:
        await ana.walks(*steps)
        await ana.fits()
        assert await violations(ana, node) == []
        await ana.page.evaluate("document.documentElement.style.fontSize = '200%'")  # who reads large letters
        await ana.fits()


async def violations(who: Screen, node: Path) -> list[str]:
    """What axe finds, by rule."""
    script = (node / "node_modules" / "axe-core" / "axe.min.js").read_text()
    await who.page.evaluate(script)
    found = await who.page.evaluate("axe.run()")
    return [f"{v['id']}: {[n['html'] for n in v['nodes']]}" for v in found["violations"]]


async def test_by_keyboard_alone(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
        await ana.hears("Which language")
        for label, then in (
            ("English", "safe to write"),
            ("Yes, go on", "Do you agree"),
            ("Yes, I agree", "If you stop"),
        ):
            button = ana.page.get_by_role("button", name=label, exact=True).last
            for _ in range(12):
                if await button.evaluate("(b) => b === document.activeElement"):
                    break
                await ana.page.keyboard.press("Tab")
            await expect(button).to_be_enabled()  # new choices take no press for a moment
            await ana.page.keyboard.press("Enter")
            await ana.hears(then)
        await ana.page.focus("#text")
        await ana.page.keyboard.type("3")
        await ana.page.keyboard.press("Enter")
        await ana.hears("Who are you telling us about")


async def test_a_screen_reader_is_told_who_says_what(chromium: Browser, open_test_bot: OpenBot) -> None:
    async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
        await ana.walks(*START, (STORY, "Saved. Send more"))
        log = ana.page.get_by_role("log")
        await expect(log).to_have_accessible_name("Chat")
        await expect(ana.page.get_by_role("textbox")).to_have_accessible_name("Write here")
        await expect(ana.page.get_by_role("button", name="Send message")).to_be_visible()
        assert (await ana.page.locator(".own .unseen").first.inner_text()) == "You:"
        assert (await ana.bubbles.last.locator(".unseen").first.inner_text()) == "Answer:"


async def test_x08_a_second_tap_meets_no_consent(chromium: Browser, open_test_bot: OpenBot) -> None:
    """New choices take no press for 600 ms, those of a consent for longer than the bot lets none count."""
    async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
        await ana.presses("English", "Are you somewhere safe")
        await expect(ana.page.get_by_role("button", name="Yes, go on", exact=True)).to_have_attribute(
            "aria-disabled", "true"
        )
        await ana.presses("Yes, go on", "Do you agree to start")
        consent = ana.page.get_by_role("button", name="Yes, I agree", exact=True)
        await consent.dispatch_event("click")
        await consent.dispatch_event("click")
        await expect(ana.bubbles.last.locator(".said")).to_contain_text("Do you agree to start")
        await ana.presses("Yes, I agree", "If you stop before the end")
