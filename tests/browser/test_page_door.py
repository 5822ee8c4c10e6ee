"""The page alone in a real Chromium: where words stand, read off the picture, in both directions."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.talk.outgoing import Choice, Outgoing
from tests.browser.alone import TOKEN, opened_page
from tests.channels.test_phone_door import page

FSI, PDI = "\u2068", "\u2069"
# What a value between isolates looks like once words/ has put it in, in Arabic: label, colon, value.
REVIEW = f"{FSI}الاسم{PDI}: {FSI}Ana Secretname{PDI}"
WHERE = """([text, nth]) => {
  const walker = document.createTreeWalker(document.getElementById("log"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(text);
    if (at < 0 || nth-- > 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + text.length);
    const box = range.getBoundingClientRect();
    return { left: box.left, right: box.right, top: box.top };
  }
}"""


async def where(shown: Page, text: str, nth: int = 0) -> dict[str, float]:
    """The box of these letters on the screen, where the page puts them a moment after their bubble."""
    async with asyncio.timeout(10):
        while True:
            found: dict[str, float] | None = await shown.evaluate(WHERE, [text, nth])
            if found:
                return found
            await asyncio.sleep(0.02)


async def test_Q01_in_arabic_a_label_stands_right_of_its_value(chromium: Browser) -> None:
    """Also where a line begins with Latin letters or a number, and where label and value are both set apart."""
    lines = ("OHCHR: نعم، نحن نقرأ", REVIEW, f"{FSI}التاريخ{PDI}: {FSI}2026-03-05{PDI}\n{FSI}UN{PDI}: {FSI}لجنة{PDI}")
    async with page() as (phone, _, url), opened_page(chromium, url) as shown:
        await phone.send(TOKEN, Outgoing(lines, (Choice("OHCHR: كلا", "1:a"),), language="ar"))
        await expect(shown.locator(".bubble button")).to_have_count(1)
        for label, value in (("OHCHR", "نعم"), ("الاسم", "Ana"), ("التاريخ", "2026"), ("UN", "لجنة")):
            first, second = await where(shown, label), await where(shown, value)
            assert abs(first["top"] - second["top"]) < 8, (label, "on one line")
            assert first["left"] >= second["right"] - 1, (label, "comes first: it is at the right")
        first, second = await where(shown, "OHCHR", 1), await where(shown, "كلا")
        assert first["left"] >= second["right"] - 1, "on a button too"


async def test_Q01_in_english_a_label_stands_left_of_an_arabic_value(chromium: Browser) -> None:
    async with page() as (phone, _, url), opened_page(chromium, url) as shown:
        await phone.send(TOKEN, Outgoing((f"Name: {FSI}أمل{PDI}, given today", f"{FSI}أمل{PDI}: yes"), language="en"))
        await expect(shown.locator(".bubble")).to_have_count(1)
        name, value, rest = [await where(shown, text) for text in ("Name", "أمل", "given")]
        assert name["right"] <= value["left"] + 1
        assert value["right"] <= rest["left"] + 1
        assert (await where(shown, "أمل", 1))["right"] <= (await where(shown, "yes"))["left"] + 1


async def test_Q01_each_message_keeps_the_side_of_its_own_language(chromium: Browser) -> None:
    async with page() as (phone, _, url), opened_page(chromium, url) as shown:
        await phone.send(TOKEN, Outgoing((f"{FSI}Name{PDI}: {FSI}أمل{PDI}",), language="en"))
        await phone.send(TOKEN, Outgoing((REVIEW,), language="ar"))
        await expect(shown.locator(".bubble")).to_have_count(2)
        await shown.reload()
        await expect(shown.locator(".bubble")).to_have_count(2)
        assert (await where(shown, "Name"))["right"] <= (await where(shown, "أمل"))["left"] + 1
        assert (await where(shown, "الاسم"))["left"] >= (await where(shown, "Ana"))["right"] - 1


async def test_choices_below_each_other_extras_beside_each_other(chromium: Browser) -> None:
    choices = (Choice("Beaten", "1:a", chosen=True), Choice("Arrested", "1:b"))
    extras = (Choice("Back", "1:~back"), Choice("Skip", "1:~skip"), Choice("Help", "1:~help"))
    async with page() as (phone, taking, url), opened_page(chromium, url) as shown:
        await phone.send(TOKEN, Outgoing(("What happened?", "Pick all."), choices, extras, language="en"))
        await expect(shown.locator(".bubble button")).to_have_count(5)
        await expect(shown.locator(".said p")).to_have_count(2)
        one, two = await where(shown, "Beaten"), await where(shown, "Arrested")
        assert two["top"] > one["top"] + 20
        tops = {(await where(shown, c.label))["top"] for c in extras}
        assert len(tops) == 1
        await expect(shown.get_by_role("button", name="Beaten", exact=True)).to_have_attribute("aria-pressed", "true")
        assert "✓" in await shown.locator(".bubble button").first.inner_text()
        await shown.get_by_role("button", name="Skip", exact=True).click()
        await expect(shown.locator("button.waits")).to_have_count(1)
        assert [a.event.data for a in taking.arrivals if hasattr(a.event, "data")] == ["1:~skip"]
        await phone.send(TOKEN, Outgoing(("Next?",), (Choice("Yes", "2:y"),), language="en"))
        await expect(shown.locator(".picked")).to_contain_text("Skip")
        await expect(shown.locator(".bubble button")).to_have_count(1)


@pytest.mark.parametrize("own", ["قال لي: stop here", "He said: قف هنا"])
async def test_own_words_stand_on_their_own_side(chromium: Browser, own: str, tmp_path: Path) -> None:
    async with page() as (phone, _, url), opened_page(chromium, url) as shown:
        await phone.send(TOKEN, Outgoing(("Tell.",), language="en"))
        await expect(shown.locator(".bubble")).to_have_count(1)
        await shown.fill("#text", own)
        await shown.press("#text", "Enter")
        await expect(shown.locator(".own .mark")).to_have_count(1)
        first, second = await where(shown, own.split(":")[0]), await where(shown, own.split(": ")[1])
        if own.startswith("قال"):
            assert first["left"] >= second["right"] - 1
        else:
            assert first["right"] <= second["left"] + 1
