"""The page alone in a real Chromium: small screens, large letters, fingers, dead networks, old engines."""

import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.channels.phone import Phone
from bot.channels.phone.app import SCRIPTS, STATIC
from bot.talk.outgoing import Choice, Outgoing
from tests.browser.alone import TOKEN, Wire, opened_page
from tests.browser.conftest import screen, served
from tests.browser.test_phone_page import START
from tests.channels.alone import Taking
from tests.channels.test_phone_door import page
from tests.conftest import OpenBot

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "dir": "ltr",
        "page_title": "Talk",
        "page_write": "Write here",
        "page_send": "Send message",
        "page_danger": "I am in danger",
        "page_leave": "Leave now",
        "page_leave_says": "This empties the tab.",
        "page_offline": "No connection. It waits.",
        "page_waits": "waits here",
        "page_sent": "on its way",
        "page_saved": "arrived",
        "page_take": "Take it back",
        "page_taken": "Taken back.",
        "page_you": "You:",
        "page_bot": "Answer:",
        "page_choices": "Answers",
        "page_without": "Not in this <browser>.",
    },
    "ar": {"dir": "rtl", "page_title": "محادثة", "page_danger": "أنا في خطر", "page_leave": "مغادرة"},
}
SMALL: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
FINGER: dict[str, Any] = {**SMALL, "has_touch": True, "is_mobile": True}
LONG = (
    "What did they do to you, or to the people close to you? You do not need to tell any details here.",
    "Pick all that fit. You can also type the numbers, or say it in your own words.",
)
SEVEN = tuple(Choice(f"An answer of some length, number {n}", f"1:+a{n}") for n in range(7))
EXTRAS = (Choice("Back", "1:~back"), Choice("Help", "1:~help"), Choice("I am in danger", "1:~danger"))
LARGE = "document.documentElement.style.fontSize = '200%'; dispatchEvent(new Event('resize'))"
# The words whose letters stand on more than one line.
TORN = """() => {
  const torn = [];
  for (const holder of document.querySelectorAll("button, .said p, .picked")) {
    const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const word of node.data.matchAll(/[\\p{L}\\p{M}]+/gu)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom / 6)));
        if (lines.size > 1 && !node.parentElement.closest(".unseen")) torn.push(word[0]);
      }
    }
  }
  return torn;
}"""


@asynccontextmanager
async def shown(
    chromium: Browser, wire: Wire | None = None, before: str = "", **options: Any
) -> AsyncIterator[tuple[Phone, Taking, Page]]:
    async with page(WORDS) as (phone, taking, url), opened_page(chromium, url, wire, before, **options) as found:
        await expect(found.locator("#danger")).to_be_visible()
        yield phone, taking, found


async def ask(
    phone: Phone, found: Page, *paragraphs: str, choices: tuple[Choice, ...] = (), extras: tuple[Choice, ...] = EXTRAS
) -> None:
    """Something is asked, and stands there."""
    await phone.send(TOKEN, Outgoing(paragraphs, choices, extras, language="en"))
    await expect(found.locator(".bubble:not(.typing)").last.locator("p").first).to_contain_text(paragraphs[0][:30])


async def in_view(found: Page, what: str) -> bool:
    """Whether the upper edge of this stands within the log's window."""
    box = await found.locator(what).last.bounding_box()
    log = await found.locator("#log").bounding_box()
    assert box
    assert log
    return log["y"] - 1 <= box["y"] <= log["y"] + log["height"] - 20


async def test_q02_the_question_comes_into_view_before_its_answers(chromium: Browser) -> None:
    for options in (SMALL, FINGER, {"viewport": {"width": 320, "height": 360}}):
        async with shown(chromium, **options) as (phone, _, found):
            await ask(phone, found, "A message before it.", "Of two lines.")
            await ask(phone, found, *LONG, choices=SEVEN)
            assert await in_view(found, ".bubble .said"), options


async def test_q02_the_question_stays_in_view_when_a_keyboard_opens(chromium: Browser) -> None:
    async with shown(chromium, **FINGER) as (phone, _, found):
        await ask(phone, found, "A message before it.")
        await ask(phone, found, *LONG)
        await found.tap("#text")
        await found.set_viewport_size({"width": 320, "height": 330})
        assert await in_view(found, ".bubble .said")
        await found.fill("#text", "line\n" * 12)  # the box grows
        assert await in_view(found, ".bubble .said")
        await found.set_viewport_size({"width": 320, "height": 640})
        assert await in_view(found, ".bubble .said")


async def test_q02_the_number_stays_in_view_when_all_above_it_goes(chromium: Browser) -> None:
    """Once a report was handed over, both sides' messages are taken back, and the page has less to scroll."""
    async with shown(chromium, viewport={"width": 320, "height": 360}) as (phone, _, found):
        refs = []
        for n in range(4):
            refs += await phone.send(TOKEN, Outgoing((f"{n}. A message.", *LONG), language="en"))
        await ask(phone, found, "Your return number is", *LONG, *LONG, choices=(Choice("I wrote it down", "1:d"),))
        await phone.delete(TOKEN, refs)
        await expect(found.locator(".bubble")).to_have_count(1)
        await found.wait_for_timeout(100)
        assert await in_view(found, ".bubble .said")


async def test_q02_who_reads_something_older_is_left_there(chromium: Browser) -> None:
    async with shown(chromium, **SMALL) as (phone, _, found):
        for n in range(9):
            await ask(phone, found, f"{n}. A message of some length, for it to be long.", *LONG)
        await found.locator("#log").evaluate("(log) => { log.scrollTop = 0; }")
        await found.wait_for_function("document.getElementById('log').scrollTop === 0")
        await found.set_viewport_size({"width": 320, "height": 400})
        assert await found.locator("#log").evaluate("(log) => log.scrollTop") == 0


@pytest.mark.parametrize("options", [SMALL, FINGER])
async def test_q02_the_keyboard_goes_when_choices_come_and_stays_while_somebody_tells(
    chromium: Browser, options: dict[str, Any]
) -> None:
    active = "document.activeElement.id || document.activeElement.className"
    async with shown(chromium, **options) as (phone, _, found):
        await found.focus("#text")
        await ask(phone, found, "Tell us.")
        assert await found.evaluate(active) == "text", "words are asked for"
        await ask(phone, found, *LONG, choices=SEVEN)
        assert await found.evaluate(active) == "choices"
        await found.focus("#text")
        await found.fill("#text", "half a sen")
        await ask(phone, found, "And then?", choices=SEVEN)
        assert await found.evaluate(active) == "text", "who is in the middle of a sentence is left alone"


async def test_q02_who_goes_on_typing_is_in_the_box_again(chromium: Browser) -> None:
    async with shown(chromium, **SMALL) as (phone, _taking, found):
        await found.focus("#text")
        await ask(phone, found, *LONG, choices=SEVEN)
        await found.keyboard.type("12 and 3")
        await expect(found.locator("#text")).to_have_value("12 and 3")


async def test_q02_a_hover_does_not_look_chosen(chromium: Browser) -> None:
    look = "(b) => { const s = getComputedStyle(b); return [s.backgroundColor, s.borderTopWidth, s.borderTopColor]; }"
    async with shown(chromium, **SMALL) as (phone, _, found):
        chosen, other = Choice("Beaten", "1:-a", chosen=True), Choice("Arrested", "1:+b")
        await ask(phone, found, "What happened?", choices=(chosen, other, Choice("Watched", "1:+c")))
        buttons = found.locator(".choices button.choice")
        await buttons.nth(1).hover()
        picked, hovered, plain = [await buttons.nth(n).evaluate(look) for n in range(3)]
        assert hovered[0] != picked[0]
        assert hovered[1:] == plain[1:], "the edge tells what is chosen"
        assert picked[1:] != plain[1:]
    async with shown(chromium, **FINGER) as (phone, _, found):
        await ask(phone, found, "What happened?", choices=(Choice("Arrested", "1:+b"), Choice("Watched", "1:+c")))
        buttons = found.locator(".choices button.choice")
        await buttons.nth(0).hover()  # a finger's hover stays where it was
        assert await buttons.nth(0).evaluate(look) == await buttons.nth(1).evaluate(look)


@pytest.mark.parametrize("width", [320, 360])
async def test_q02_large_letters_break_at_words(chromium: Browser, width: int) -> None:
    async with shown(chromium, viewport={"width": width, "height": 640}) as (phone, _, found):
        await found.evaluate(LARGE)
        skip = Choice("Skip", "1:~skip")
        country = Choice("République démocratique populaire lao", "1:+la")
        await ask(
            phone,
            found,
            *LONG,
            country.label,
            choices=(*SEVEN, country),
            extras=(*EXTRAS, skip, Choice("Je suis en danger", "1:~x")),
        )
        assert await found.evaluate(TORN) == []
        assert await found.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await in_view(found, ".bubble .said")


async def test_q03_danger_stands_in_the_head_in_one_place_and_is_the_strongest(chromium: Browser) -> None:
    async with shown(chromium, **SMALL) as (phone, _, found):
        places = [await found.locator("#danger").bounding_box()]
        for choices, extras in (((), ()), (SEVEN, EXTRAS), ((Choice("Yes", "1:y"),), ())):
            await ask(phone, found, *LONG, choices=choices, extras=extras)
            places.append(await found.locator("#danger").bounding_box())
        assert all(place == places[0] for place in places)
        assert await found.get_by_role("button", name="I am in danger").count() == 1, "once"
        box = places[0]
        assert box
        assert box["y"] < 60
        assert box["height"] >= 44, "large enough for a thumb that shakes"
        style = "(b) => { const s = getComputedStyle(b); return [s.backgroundColor, Number(s.fontWeight)]; }"
        ground, weight = await found.locator("#danger").evaluate(style)
        assert ground == "rgb(179, 38, 30)"
        assert weight >= 700
        others = [await b.evaluate(style) for b in await found.locator("button:not(#danger)").all()]
        assert all(other[1] <= weight and other[0] != ground for other in others)


async def test_q03_it_says_danger_wherever_one_is(chromium: Browser, open_test_bot: OpenBot, tmp_path: Path) -> None:
    """Before anything, in the middle, in menus, at the number, and after the end."""
    go = [("[I am in danger]", "May our team read")]
    for steps in (
        [],
        START[:2],
        START,
        [*START, ("language", "Which language")],
        [*START, ("They came at night.", "Saved."), ("[Done]", "In which country")],
    ):
        async with served(open_test_bot) as (_, url), screen(chromium, url) as ana:
            await ana.walks(*steps, *go)
            await expect(ana.page.locator(".own p").last).to_have_text("I am in danger")


async def test_q03_an_option_that_is_the_answer_stays_one(chromium: Browser) -> None:
    """Only what stands under every question besides has moved to the head."""
    async with shown(chromium) as (phone, _, found):
        await ask(phone, found, "Are you safe?", choices=(Choice("I am in danger", "1:danger"),))
        await expect(found.locator(".choices button.choice")).to_have_text(["I am in danger"])


async def test_q04_a_dead_network_is_told_within_ten_seconds_and_nothing_is_lost(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, taking, found):
        await ask(phone, found, "What happened?", choices=(Choice("Beaten", "1:b"), Choice("Arrested", "1:c")))
        wire.dead = True
        await found.fill("#text", "They came.")
        await found.press("#text", "Enter")
        await expect(found.get_by_role("status")).to_contain_text("No connection", timeout=10_000)
        await expect(found.locator(".own .mark.waits")).to_contain_text("waits here")
        await found.get_by_role("button", name="Arrested").click()
        await expect(found.locator(".choices button .mark.waits")).to_contain_text("waits here")
        await found.locator("#danger").click()
        await expect(found.locator(".own .mark.waits")).to_have_count(2)
        wire.dead = False
        await expect(found.get_by_role("status")).to_be_empty(timeout=30_000)
        await expect(found.locator(".mark.waits")).to_have_count(0)
        await expect(found.locator(".own .mark.saved")).to_have_count(2)
        told = [getattr(a.event, "text", "") or getattr(a.event, "data", "") for a in taking.arrivals]
        assert [t for t in dict.fromkeys(told) if t] == ["They came.", "1:c", "/danger"]


async def test_q04_an_idle_page_notices_too(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, _, found):
        await ask(phone, found, "What happened?")
        wire.dead = True
        await expect(found.get_by_role("status")).to_contain_text("No connection", timeout=10_000)


async def test_q04_a_page_that_is_answered_says_nothing(chromium: Browser) -> None:
    wire = Wire()
    async with shown(chromium, wire) as (phone, _, found):
        await ask(phone, found, "What happened?")
        for _ in range(12):  # more than a ping and its patience
            await found.wait_for_timeout(1_000)
            assert await found.get_by_role("status").inner_text() == ""


async def test_q05_no_browser_is_asked_to_look_at_what_is_typed(chromium: Browser) -> None:
    async with shown(chromium) as (_, _, found):
        box = found.locator("#text")
        for name, value in {
            "spellcheck": "false",
            "autocomplete": "off",
            "autocapitalize": "off",
            "autocorrect": "off",
            "writingsuggestions": "false",
        }.items():
            await expect(box).to_have_attribute(name, value)
        await expect(found.locator("html")).to_have_attribute("translate", "no")


def test_q05_the_scripts_are_of_2015(node: Path) -> None:
    """What a phone's last browser can't read is an empty page."""
    for name in SCRIPTS:
        source = (STATIC / name).read_text()
        acorn = ["node", "node_modules/acorn/bin/acorn", "--ecma6", "--silent", str(STATIC / name)]
        done = subprocess.run(acorn, cwd=node, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "import(" not in source
    markup, styles = (STATIC / "phone.html").read_text(), (STATIC / "phone.css").read_text()
    assert 'type="module"' not in markup
    assert ":has(" not in styles + "".join((STATIC / name).read_text() for name in SCRIPTS)


NEWER = """
for (const name of ["append", "prepend", "before", "after", "replaceWith", "replaceChildren"]) {
  for (const kind of [Element, Document, DocumentFragment, CharacterData]) delete kind.prototype[name];
}
for (const name of ["includes", "at", "flat", "flatMap", "findLast", "toSorted"]) delete Array.prototype[name];
for (const name of ["padStart", "padEnd", "replaceAll", "matchAll", "at", "trimStart"]) delete String.prototype[name];
for (const name of ["entries", "values", "fromEntries", "getOwnPropertyDescriptors", "hasOwn"]) delete Object[name];
delete Promise.prototype.finally;
for (const name of ["fetch", "visualViewport", "ResizeObserver", "IntersectionObserver", "structuredClone",
                    "queueMicrotask", "AbortController", "URLSearchParams", "requestIdleCallback"]) delete window[name];
const query = Element.prototype.querySelectorAll;
Element.prototype.querySelectorAll = function (selector) {
  if (/:(has|is|where)\\(/.test(selector)) throw new SyntaxError(selector);
  return query.call(this, selector);
};
"""


async def test_q05_a_page_without_the_newest_parts_works(chromium: Browser) -> None:
    async with shown(chromium, before=NEWER) as (phone, taking, found):
        await ask(phone, found, "What happened?", choices=(Choice("Beaten", "1:b"), Choice("Arrested", "1:c")))
        await found.get_by_role("button", name="Arrested").click()
        await expect(found.locator("button.waits")).to_have_count(1)
        await ask(phone, found, "Call +353 1 21 00 489.", "And then?")
        await expect(found.locator(".picked")).to_contain_text("Arrested")
        await found.fill("#text", "They came.")
        await found.press("#text", "Enter")
        await expect(found.locator(".own .mark.saved")).to_have_count(1)
        await found.reload()
        await expect(found.locator(".own .locked")).to_have_count(1)
        assert len(taking.arrivals) >= 3


async def test_q05_where_no_script_runs_a_sentence_stands_there(chromium: Browser) -> None:
    async with page(WORDS) as (_, _, url):
        context = await chromium.new_context(java_script_enabled=False)
        found = await context.new_page()
        await found.goto(url)
        await expect(found.get_by_text("Not in this <browser>.")).to_be_visible()
        await context.close()


async def test_q05_a_browser_that_keeps_nothing_can_be_used(chromium: Browser) -> None:
    refuse = (
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    async with page(WORDS) as (_, _taking, url):
        context = await chromium.new_context()
        found = await context.new_page()
        await found.add_init_script(refuse)
        await found.goto(url)
        await found.fill("#text", "They came.")
        await found.press("#text", "Enter")
        await expect(found.locator(".own .mark.saved")).to_have_count(1)
        await context.close()


async def test_a_quick_leave_empties_the_tab_and_does_not_lead_back(chromium: Browser) -> None:
    async with page(WORDS) as (phone, _, url):
        context = await chromium.new_context()
        found = await context.new_page()
        asked: list[Any] = []

        async def neutral(route: Any) -> None:
            asked.append(route.request)
            await route.fulfill(body="<title>An encyclopedia</title>", content_type="text/html")

        await context.route("https://**", neutral)
        await found.goto(url)
        await found.fill("#text", "half a sentence")
        token = await found.evaluate("sessionStorage.getItem('token')")
        await phone.send(token, Outgoing(("Unmistakable.",), language="en"))
        await expect(found.locator(".bubble")).to_have_count(1)
        await found.get_by_role("button", name="Leave now").click()
        await expect(found).to_have_title("An encyclopedia")
        assert "referer" not in asked[0].headers, "nor does the other page learn where one was"
        assert await found.evaluate("history.length") == 2, "the empty tab's own, and the page's in this one's place"
        await found.goto(url)
        await expect(found.locator("#danger")).to_be_visible()
        assert await found.evaluate("sessionStorage.getItem('token')") != token
        await expect(found.locator("#text")).to_have_value("")
        await expect(found.get_by_text("Unmistakable.")).to_have_count(0)
        await context.close()


async def test_choices_are_a_group_with_a_name_and_say_what_is_chosen(chromium: Browser) -> None:
    async with shown(chromium) as (phone, _, found):
        chosen, other = Choice("Beaten", "1:-a", chosen=True), Choice("Arrested", "1:+b")
        await ask(phone, found, "First this.", "What happened?", choices=(chosen, other))
        group = found.get_by_role("group", name="What happened?")
        await expect(group).to_have_count(1)
        await expect(group.get_by_role("button", name="Beaten")).to_have_attribute("aria-pressed", "true")
        await expect(group.get_by_role("button", name="Arrested")).to_have_attribute("aria-pressed", "false")
        await group.get_by_role("button", name="Arrested").click()
        await expect(group.get_by_role("button", name="Arrested")).to_have_attribute("aria-pressed", "true")
        await phone.send(TOKEN, Outgoing((), (other,), language="en"))
        await expect(found.get_by_role("group", name="Answers")).to_have_count(1)


async def test_enter_is_a_new_line_under_a_finger_and_sends_on_a_keyboard(chromium: Browser) -> None:
    async with shown(chromium, **FINGER) as (phone, taking, found):
        await ask(phone, found, "Tell us.")
        await found.tap("#text")
        await found.keyboard.type("one")
        await found.keyboard.press("Enter")
        await found.keyboard.type("two")
        await expect(found.locator("#text")).to_have_value("one\ntwo")
        await found.tap("#send")
        await expect(found.locator(".own .mark.saved")).to_have_count(1)
    async with shown(chromium, **SMALL) as (phone, taking, found):
        await ask(phone, found, "Tell us.")
        await found.focus("#text")
        await found.keyboard.type("one")
        await found.keyboard.press("Shift+Enter")
        await found.keyboard.type("two")
        await found.keyboard.press("Enter")
        await expect(found.locator(".own .mark.saved")).to_have_count(1)
        assert [a.event.text for a in taking.arrivals if hasattr(a.event, "text")] == ["one\ntwo"]


LINKS = {
    "Front Line, day and night: +353 1 21 00 489 (Arabic, English).": ["tel:+35312100489"],
    "In the country: 0800 720 501, or 01 23 45 67 89.": ["tel:0800720501", "tel:0123456789"],
    "رقم الهاتف: +٣٥٣ ١ ٢١ ٠٠ ٤٨٩.": ["tel:+35312100489"],
    "Access Now helpline: help@accessnow.org.": ["mailto:help@accessnow.org"],
    "Moving to safety: protectdefenders.eu.": ["https://protectdefenders.eu/"],
    "See https://www.ohchr.org/en/reprisals?x=1#top, please.": ["https://www.ohchr.org/en/reprisals?x=1#top"],
    # what stays plain
    "Your return number is 0456 8072 3242 4768 4206 1800": [],
    "On 2026-03-05 or 05.03.2026, at 10:15, 60 minutes, 1,000 people, part 2 of 5.": [],
    "javascript:alert(1) http://evil.org data:text/html,x file.txt e.g. this": [],
    '<a href="https://evil.org">x</a><img src=x onerror=alert(1)>': ["https://evil.org/"],
    "https://evil.org\"onclick='x' +1": ["https://evil.org/"],
    "a12345678901@x b+12345678": [],
}


@pytest.mark.parametrize(("text", "hrefs"), LINKS.items())
async def test_numbers_and_addresses_can_be_tapped_and_all_else_stays_plain(
    chromium: Browser, text: str, hrefs: list[str]
) -> None:
    async with shown(chromium) as (phone, _, found):
        await ask(phone, found, text)
        paragraph = found.locator(".bubble p").last
        assert await paragraph.evaluate("(p) => p.textContent") == text, "every letter as it was"
        assert await paragraph.locator("a").evaluate_all("(all) => all.map((a) => a.href)") == hrefs
        assert await paragraph.evaluate(
            "(p) => [...p.querySelectorAll('*')].every((n) => ['A', 'WBR'].includes(n.tagName))"
        )
        for link in await paragraph.locator("a").all():
            assert "noreferrer" in (await link.get_attribute("rel") or "")
            names = await link.evaluate("(a) => a.getAttributeNames()")
            assert set(names) <= {"href", "dir", "rel", "target"}


async def test_q02_a_number_of_large_letters_breaks_between_its_groups(chromium: Browser) -> None:
    """In languages whose catalogue joins its groups, too: half a group on the next line is misread."""
    for joined in ("\u00a0", "\u202f", " "):
        number = joined.join(("+353", "1", "21", "00", "489"))
        async with shown(chromium, viewport={"width": 320, "height": 640}) as (phone, _, found):
            await found.evaluate(LARGE)
            await ask(phone, found, "فرونت لاين:", f"\u2068{number}\u2069، نهارا")
            torn = TORN.replace("[\\p{L}\\p{M}]+", "[0-9+]+")
            assert torn != TORN
            assert await found.evaluate(torn) == [], repr(joined)
            assert await found.locator(".bubble a").get_attribute("href") == "tel:+35312100489"


async def test_x08_a_press_that_was_meant_for_what_stood_there_is_not_taken(chromium: Browser) -> None:
    """Two taps within 300 ms: the second falls on choices that have just come up in the same place."""
    async with shown(chromium) as (phone, taking, found):
        await ask(phone, found, "Go on?", choices=(Choice("Yes, go on", "1:yes"), Choice("No", "1:no")))
        await found.get_by_role("button", name="Yes, go on").click()
        await phone.send(TOKEN, Outgoing(("Do you agree?",), (Choice("I agree", "2:agree"),), language="en"))
        new = found.get_by_role("button", name="I agree")
        await new.evaluate("(b) => b.click()")
        await expect(new).not_to_have_attribute("aria-disabled", "true")
        assert [a.event.data for a in taking.arrivals if hasattr(a.event, "data")] == ["1:yes"]
        await new.click()
        await expect(found.locator("button.waits")).to_have_count(1)
        assert [a.event.data for a in taking.arrivals if hasattr(a.event, "data")] == ["1:yes", "2:agree"]


async def test_x08_another_question_in_the_same_message_is_new_and_a_tick_is_not(chromium: Browser) -> None:
    async with shown(chromium) as (phone, _, found):
        yes, no = Choice("Yes", "1:yes"), Choice("No", "1:no")
        (first,) = await phone.send(TOKEN, Outgoing(("Go on?",), (yes, no), language="en"))
        button = found.locator(".choices button").first
        await expect(button).not_to_have_attribute("aria-disabled", "true")
        chosen = Choice("Yes", "2:-yes", chosen=True)
        await phone.send(TOKEN, Outgoing(("Go on?",), (chosen, no), edits=first, language="en"))
        await expect(button).to_have_attribute("aria-pressed", "true")
        assert await button.get_attribute("aria-disabled") is None, "the next tick is taken at once"
        await found.evaluate("window.setTimeout = () => 0")  # time stands still
        await phone.send(TOKEN, Outgoing(("May we read it?",), (yes, no), edits=first, language="en"))
        await expect(found.locator(".bubble p").first).to_have_text("May we read it?")
        await expect(button).to_have_attribute("aria-disabled", "true")


def test_the_words_of_this_file_are_a_part_of_the_pages() -> None:
    """A sentence of these tests that no page has would prove nothing."""
    used = json.dumps([(STATIC / name).read_text() for name in SCRIPTS])
    for name in WORDS["en"]:
        assert name in used or name in ("dir", "page_without", "page_sent", "page_saved")
