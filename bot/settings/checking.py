"""What no value shows alone: whether all that was decided fits together."""

import re

from bot.errors import SettingsError, StonechatError
from bot.machine.addresses import host_and_port, split_url
from bot.settings.values import PORTS, PUBLIC_API, TELEGRAM_TOKEN, Settings, example


def check(settings: Settings) -> None:
    """Refuse what no bot could run with. Raises SettingsError, without a place: who read the values knows it."""
    if settings.telegram_sensitive not in ("ask", "allow", "refuse"):
        raise SettingsError("telegram_sensitive has no known value", mend="write ask, allow or refuse")
    if settings.database and not re.match(r"sqlite:.", settings.database):
        raise SettingsError("the database is of no known kind", mend='write database = "sqlite:PATH"')
    intake = settings.intake
    if intake != "embedded" and not re.match(r"folder:.", intake) and not _is_intake(intake):
        raise SettingsError("the intake is of no known kind", mend="write embedded, folder:PATH or https://…")
    if intake.startswith("http") and not settings.intake_key:
        raise SettingsError(
            "intake_key is missing",
            mend="put the line that 'stonechat intake --show-key' prints there: nothing else proves a receipt",
        )
    if settings.intake_key:
        from bot.seal.signing import parse_public

        try:
            parse_public(settings.intake_key)
        except StonechatError:
            raise SettingsError("intake_key is no public key", mend=example("intake_key")) from None
    if settings.telegram_token and not TELEGRAM_TOKEN.match(settings.telegram_token):
        raise SettingsError(
            "the Telegram token is not one", mend="it looks like 123456789:AA… and comes from @BotFather"
        )
    if settings.trained_team not in ("yes", "no"):
        raise SettingsError("trained_team has no known value", mend="write yes or no: reporters read it as your word")
    if settings.logs not in ("text", "json"):
        raise SettingsError("logs has no known value", mend="write text or json")
    _check_listening(settings)
    _check_telegram(settings)
    _check_alarm(settings)
    for key in ("draft_ttl", "reports_a_day"):
        if getattr(settings, key) == 0:
            raise SettingsError(f"'{key}' can't be 0", mend=example(key))


def _is_intake(url: str) -> bool:
    """Without TLS only on this machine."""
    found = split_url(url, "https", "http")
    return found is not None and (found.scheme == "https" or found.hostname in ("127.0.0.1", "localhost", "::1"))


def _check_listening(settings: Settings) -> None:
    """Addresses of this machine; who can reach them is looked at by whoever listens."""
    for key in ("phone", "metrics", "telegram_listen"):
        if listen := getattr(settings, key):
            try:
                host_and_port(listen, key)
            except SettingsError as error:
                raise SettingsError(error.what, mend=example(key)) from None


def _check_telegram(settings: Settings) -> None:
    """Addresses that are some; and the platform's own servers deliver to four ports alone (Bot API, setWebhook)."""
    if split_url(settings.telegram_api, "http", "https") is None:
        raise SettingsError("telegram_api is no address", mend=example("telegram_api"))
    if not settings.telegram_webhook:
        return
    hook = split_url(settings.telegram_webhook, "https")
    if hook is None or "@" in hook.netloc:
        raise SettingsError("telegram_webhook is no https address", mend=example("telegram_webhook"))
    port = hook.port or 443
    if port not in PORTS and settings.telegram_api.rstrip("/") == PUBLIC_API:
        what = f"telegram_webhook has port {port}, and Telegram delivers to 443, 80, 88 and 8443 alone"
        raise SettingsError(what, mend="let the proxy listen at one of them (docs/operating.md)")


def _check_alarm(settings: Settings) -> None:
    if settings.alarm_from:
        from bot.alarm.targets import address

        address(settings.alarm_from, "alarm_from")
    if settings.alarm_language != "en" or settings.alarm:
        from bot.alarm import words_in

        words_in(settings.alarm_language)
    if settings.alarm_mail:
        from bot.alarm import read_relay

        read_relay(settings.alarm_mail, settings.alarm_from, settings.alarm_mail_password)
    elif any(target.kind == "mailto" for target in settings.alarm):
        raise SettingsError("an alarm goes by mail, and no mail server is set", mend='alarm_mail = "smtps://USER@HOST"')
