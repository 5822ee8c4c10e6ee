"""K08: contact.age is there for everybody, of one size, and holds no way to who said never."""

import pytest

from bot.report import contact
from bot.report.contact import Contact, ContactError
from bot.seal.age import open_bytes, seal
from tests.conftest import IDENTITY, RECOVERY

NEVER = Contact(how="never", check_word="amber amber", language="en")
HERE = Contact(
    how="this_chat",
    check_word="unmistakable sandalwood",
    language="ar",
    when="evening",
    channel="telegram",
    address="-1001234567890123456",
)
SIGNAL = Contact(
    how="this_chat", check_word="a b", language="en", channel="signal", address="5b1c0ee0-3f7a-4a5e-9d26-0f1e2d3c4b5a"
)
LONG = Contact(how="this_chat", check_word="a b", language="en", channel="phone", address="x" * 1_500)


def test_k08_its_size_does_not_tell_never_from_an_address() -> None:
    plain = {len(contact.encode(each)) for each in (NEVER, HERE, SIGNAL, LONG)}
    assert plain == {contact.SIZE}
    sealed = {
        len(bytes(seal(contact.encode(each), [IDENTITY.recipient, RECOVERY.recipient]))) for each in (NEVER, HERE, LONG)
    }
    assert len(sealed) == 1


def test_an_address_of_no_known_platform_leaves_all_the_same() -> None:
    odd = Contact(how="this_chat", check_word="a b", language="en", channel="phone", address="x" * 5_000)
    assert len(contact.encode(odd)) == 3 * contact.SIZE
    assert contact.decode(contact.encode(odd)) == odd


@pytest.mark.parametrize("one", [NEVER, HERE, SIGNAL])
def test_it_is_read_again(one: Contact) -> None:
    sealed = bytes(seal(contact.encode(one), [IDENTITY.recipient]))
    assert contact.decode(open_bytes(sealed, [IDENTITY])) == one


def test_one_that_was_on_its_way_when_the_bot_was_upgraded_still_counts() -> None:
    old = (
        b'{"format": "stonechat.contact/1", "contact_back": "this_chat", "check_word": "a b", "language": "en",'
        b' "safe_when": null, "channel": "terminal", "address": "terminal"}\n\n\n'
    )
    assert contact.decode(old) == Contact(
        how="this_chat", check_word="a b", language="en", channel="terminal", address="terminal"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"format": "stonechat.contact/3", "how": "never", "check_word": "", "language": "en"}',
        b'{"format": "stonechat.contact/2", "how": "", "check_word": "", "language": "en"}',
        b'{"format": "stonechat.contact/2", "how": "never", "check_word": "", "language": "en", "more": 1}',
        b'{"format": "stonechat.contact/1", "how": "never"}',
    ],
)
def test_what_is_no_contact_is_one_error(data: bytes) -> None:
    with pytest.raises(ContactError):
        contact.decode(data)
