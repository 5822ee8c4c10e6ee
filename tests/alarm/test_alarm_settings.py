"""What an operator may write, and the one line that they get for anything else."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarm import lines_of, make_senders, read_relay, read_targets, words_in
from bot.alarm.targets import Mail, Program, Push, Relay, Target, mark_of
from bot.errors import SettingsError

TOKENS = {"/etc/ntfy.token": "tk_abc\n", "/srv/bot/two.token": "tk_two", "/etc/empty": "\n", "/etc/many": "a b"}


def secret(path: Path, where: str) -> str:
    if str(path) not in TOKENS:
        raise SettingsError("the secret file can't be read", where=where)
    return TOKENS[str(path)]


def read(*written: object) -> tuple[Target, ...]:
    return read_targets(written, "stonechat.toml:7", Path("/srv/bot"), secret)  # type: ignore[arg-type]


GOOD: dict[str, Target] = {
    "mailto:duty@example.org": Mail("duty@example.org"),
    "MAILTO:duty.two+bot@mail.example.org": Mail("duty.two+bot@mail.example.org"),
    "https://ntfy.sh/a-topic_1": Push("https://ntfy.sh/a-topic_1", ""),
    "https://ntfy.example.org:8443/under/topic": Push("https://ntfy.example.org:8443/under/topic", ""),
    "https://[2001:db8::1]/topic token=/etc/ntfy.token": Push("https://[2001:db8::1]/topic", "tk_abc"),
    "https://ntfy.example.org/topic  token=two.token": Push("https://ntfy.example.org/topic", "tk_two"),
    "http://127.0.0.1:8080/topic": Push("http://127.0.0.1:8080/topic", ""),
    "http://localhost/topic": Push("http://localhost/topic", ""),
    "http://[::1]:80/topic": Push("http://[::1]:80/topic", ""),
    "exec:/bin/sh -c 'exit 0' \"two words\" $HOME ;": Program(("/bin/sh", "-c", "exit 0", "two words", "$HOME", ";")),
    "exec: /bin/true": Program(("/bin/true",)),
}


@pytest.mark.parametrize("written", GOOD)
def test_what_is_a_target(written: str) -> None:
    assert read(written) == (GOOD[written],)


HINT = "https://ntfy.example.org/TOPIC"
BAD = [
    "", " ", "duty@example.org", "mail:duty@example.org", "sms:+447700900123", "//ntfy.sh/topic",
    "https", "exec", ":", "\n",
    "mailto:", "mailto:duty", "mailto:@example.org", "mailto:duty@", "mailto:a@b@c.org",
    "mailto:duty@example..org",
    "mailto:a@b.org,c@d.org", "mailto:a@b.org?subject=x", "mailto:a@b.org c@d.org",
    "mailto:Duty <a@b.org>", "mailto:.a@b.org",
    "mailto:a.@b.org", "mailto:a..b@c.org", "mailto:a@-b.org", "mailto:a@b.org\nBcc: c@d.org",
    "mailto:é@b.org", "mailto:a@é.org",
    "mailto://a@b.org", "mailto:a%40b@c.org\r", "mailto:" + "a" * 65 + "@b.org", "mailto:a@" + "b." * 130 + "org",
    "https://", "https://ntfy.sh", "https://ntfy.sh/", "https:///topic", "https://ntfy.sh/topic/",
    "https://ntfy.sh//topic",
    "https://ntfy.sh/" + "a" * 65, "https://ntfy.sh/to.pic", "https://ntfy.sh/té",
    "https://ntfy.sh/a%20b", "https://ntfy.sh/../x",
    "https://user:secret@ntfy.sh/topic", "https://user@ntfy.sh/topic",
    "https://ntfy.sh/topic?auth=secret", "https://ntfy.sh/topic?",
    "https://ntfy.sh/topic#x", "https://ntfy.sh:0/topic", "https://ntfy.sh:99999/topic",
    "https://ntfy.sh:x/topic",
    "https://[v1.a:b]/topic",
    "https://[::1/topic", "https://ntfy sh/topic", "https://-ntfy.sh/topic", "https://ntfy.sh/topic extra",
    "https://ntfy.sh/topic token=", "https://ntfy.sh/topic token=/none", "https://ntfy.sh/topic token=/etc/empty",
    "https://ntfy.sh/topic token=/etc/many", "https://ntfy.sh/topic user=x",
    "https://ntfy.sh/topic token=two.token token=two.token",
    "http://ntfy.sh/topic", "http://192.168.0.2/topic", "http://127.0.0.1.example.org/topic",
    "http://localhost.org/topic",
    "exec:", "exec: ", "exec:true", "exec:./true", "exec:~/ring", "exec:/nowhere/ring", "exec:/etc",
    "exec:/etc/passwd",
    "exec:/bin/true 'open", "exec:/bin/true \\", "exec:/bin/true\nrm", "exec:'' /bin/true",
    7, None, True, ["mailto:a@b.org"], {"mailto": "a@b.org"}, b"mailto:a@b.org",
]  # fmt: skip


@pytest.mark.parametrize("written", BAD, ids=repr)
def test_anything_else_is_one_line_with_its_place_and_its_mend(written: object) -> None:
    with pytest.raises(SettingsError) as caught:
        read("exec:/bin/true", written)
    line = str(caught.value)
    assert line.startswith("stonechat.toml:7: alarm 2: ")
    assert "\n" not in line
    assert ";" in line or "/none" in str(written)  # the reader of secrets says its own mend
    for word in ("secret", "duty", "a@b", "tk_a", "passwd", "+44", "ntfy"):
        assert word not in line.replace("duty@example.org", "").replace("secret file", "").replace(HINT, "")


def test_the_same_twice_is_a_slip() -> None:
    with pytest.raises(SettingsError, match="twice"):
        read("mailto:a@b.org", "exec:/bin/true", "mailto:a@b.org")


def test_no_target_is_no_rota() -> None:
    assert read() == ()


def test_a_program_that_everybody_can_change_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "ring"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o702)
    with pytest.raises(SettingsError, match="everybody can change"):
        read(f"exec:{program}")


def test_a_file_of_targets_as_people_save_files() -> None:
    text = "\ufeff# who is told\r\n\r\n  mailto:a@b.org \r\n# night\nhttps://ntfy.sh/t token=x\n"
    assert lines_of(text) == ("mailto:a@b.org", "https://ntfy.sh/t token=x")


@given(st.one_of(st.text(), st.sampled_from(["mailto:", "https://", "http://", "exec:/bin/"]).flatmap(
    lambda head: st.text().map(lambda tail: head + tail)
)))  # fmt: skip
def test_whatever_is_written_is_a_target_or_one_line(written: str) -> None:
    with contextlib.suppress(SettingsError):
        assert len(read(written)) == 1


def test_no_secret_shows_where_a_target_is_shown() -> None:
    shown = repr(read(*(w for w in GOOD if not w.startswith("http://")))) + repr(
        read_relay("smtps://me%40x@mail.example.org", "bot@example.org", "the-password")
    )
    for word in ("duty", "topic", "tk_", "ntfy", "/bin", "me@x", "bot@", "the-password"):
        assert word not in shown


RELAYS = {
    "smtps://mail.example.org": ("mail.example.org", 465, "whole"),
    "smtps://mail.example.org:2465/": ("mail.example.org", 2465, "whole"),
    "smtp://mail.example.org": ("mail.example.org", 587, "start"),
    "smtp://mail.example.org:25": ("mail.example.org", 25, "start"),
    "smtp://127.0.0.1": ("127.0.0.1", 25, "none"),
    "smtp://localhost:2525": ("localhost", 2525, "none"),
    "smtps://[2001:db8::1]": ("2001:db8::1", 465, "whole"),
}


@pytest.mark.parametrize("written", RELAYS)
def test_what_is_a_mail_server(written: str) -> None:
    assert read_relay(written, "bot@example.org", "") == Relay(*RELAYS[written], "bot@example.org")


def test_a_login_of_a_mail_server() -> None:
    found = read_relay("smtps://me%40example.org@mail.example.org", "bot@example.org", "right")
    assert (found.user, found.password) == ("me@example.org", "right")


@pytest.mark.parametrize(
    ("written", "sender", "password"),
    [
        ("", "a@b.org", ""), ("mail.example.org", "a@b.org", ""), ("smtp://", "a@b.org", ""),
        ("http://x", "a@b.org", ""),
        ("smtps://x:0", "a@b.org", ""), ("smtps://x:99999", "a@b.org", ""), ("smtps://x/path", "a@b.org", ""),
        ("smtps://x?y", "a@b.org", ""), ("smtps://me:word@x", "a@b.org", ""), ("smtps://me@x", "a@b.org", ""),
        ("smtps://x", "a@b.org", "word"), ("smtps://x", "", ""), ("smtps://x", "bot", ""),
        ("smtps://x", "a@b.org\nBcc: c", ""),
        ("smtps://[x", "a@b.org", ""), ("smtps://x y", "a@b.org", ""),
    ],
)  # fmt: skip
def test_what_is_no_mail_server(written: str, sender: str, password: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_relay(written, sender, password)
    line = str(caught.value)
    assert "\n" not in line
    assert ";" in line or "alarm_from" in line
    assert "word" not in line.replace("password", "")


def test_mail_needs_a_mail_server() -> None:
    with pytest.raises(SettingsError, match="alarm_mail"):
        make_senders(read("exec:/bin/true", "mailto:a@b.org"), None, clock=lambda: 0, random=bytes)


def test_names_say_the_place_and_the_kind_alone() -> None:
    targets = read("mailto:a@b.org", "https://ntfy.sh/topic", "exec:/bin/true")
    relay = read_relay("smtps://mail.example.org", "bot@example.org", "")
    senders = make_senders(targets, relay, clock=lambda: 0, random=bytes)
    assert [s.name for s in senders] == ["alarm 1 (mailto)", "alarm 2 (https)", "alarm 3 (exec)"]
    assert len({s.mark for s in senders}) == 3


def test_a_mark_keeps_words_apart() -> None:
    assert mark_of("ab", "c") != mark_of("a", "bc")


def test_a_language_without_words() -> None:
    with pytest.raises(SettingsError, match="alarm_language"):
        words_in("tlh")
