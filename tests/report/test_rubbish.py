"""Whatever somebody puts where a manifest, a document or a contact belongs is one error of ours."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StonechatError
from bot.report import contact, document, manifest
from tests.report.test_document import GOOD
from tests.report.test_manifest import make_manifest

READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (manifest.decode, make_manifest()),
    (document.decode, msgspec.json.encode(GOOD)),
    (contact.decode, contact.encode(contact.Contact(how="never", check_word="a b", language="en"))),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "parts", "how", "size"]) | st.text(), inner)
    ),
)


@pytest.mark.parametrize(("read", "good"), READERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_it_is(read: Callable[[bytes], object], good: bytes, data: st.DataObject) -> None:
    changed = msgspec.json.decode(good.rstrip(b"\n"))
    key = data.draw(st.sampled_from(sorted(changed)))
    changed[key] = data.draw(JSON)
    at = data.draw(st.integers(0, len(good)))
    for wrong in (
        data.draw(st.binary()),
        good[:at] + data.draw(st.binary(max_size=4)) + good[at + 1 :],
        msgspec.json.encode(changed),
        b"[" * 50_000,
    ):
        try:
            read(wrong)
        except StonechatError:
            continue
