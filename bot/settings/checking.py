"""What no value shows alone: whether all that was decided fits together."""

import re
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.settings.values import PORTS, PUBLIC_API, TELEGRAM_TOKEN, Settings


def check(settings: Settings) -> None:
    """Refuse what no bot could run with. Raises SettingsError, without a place: who read the values knows it."""
    if settings.telegram_sensitive not in ("ask", "allow", "refuse"):
        raise SettingsError("telegram_sensitive has no known value", mend="write ask, allow or refuse")
    if settings.database and not re.match(r"sqlite:.", settings.database):
        raise SettingsError("the database is of no known kind", mend='write database = "sqlite:PATH"')
    intake = settings.intake
    if intake != "embedded" and not re.match(
        r"(folder:.|https://.|http://(127\.0\.0\.1|localhost|\[::1\])[:/])", intake
    ):
        raise SettingsError("the intake is of no known kind", mend="write embedded, folder:PATH or https://…")
    if intake.startswith("http") and not settings.intake_key:
        raise SettingsError(
            "intake_key is missing",
            mend="put the line that 'stonechat intake --show-key' prints there: nothing else proves a receipt",
        )
    if settings.telegram_token and not TELEGRAM_TOKEN.match(settings.telegram_token):
        raise SettingsError(
            "the Telegram token is not one", mend="it looks like 123456789:AA… and comes from @BotFather"
        )
    if settings.trained_team not in ("yes", "no"):
        raise SettingsError("trained_team has no known value", mend="write yes or no: reporters read it as your word")
    if settings.logs not in ("text", "json"):
        raise SettingsError("logs has no known value", mend="write text or json")
    if settings.telegram_webhook and not re.match(r"https://[^/?#\s]+(/[^?#\s]*)?$", settings.telegram_webhook):
        raise SettingsError("telegram_webhook is no https address", mend='telegram_webhook = "https://HOST/PATH"')
    _check_telegram(settings)
    _check_alarm(settings)
    for key, example in (("draft_ttl", 72), ("reports_a_day", 20)):
        if getattr(settings, key) == 0:
            raise SettingsError(f"'{key}' can't be 0", mend=f"{key} = {example}")


def _check_telegram(settings: Settings) -> None:
    """An address that is one; and the platform's own servers deliver to four ports alone (Bot API, setWebhook)."""
    try:
        api, hook = urlsplit(settings.telegram_api), urlsplit(settings.telegram_webhook)
        port = hook.port or 443
        is_one = api.scheme in ("http", "https") and bool(api.hostname) and (api.port is None or api.port > 0)
    except ValueError:
        is_one, port = False, 443
    if not is_one or any(c.isspace() for c in settings.telegram_api) or "?" in settings.telegram_api:
        raise SettingsError("telegram_api is no address", mend=f'telegram_api = "{PUBLIC_API}", or take it out')
    if settings.telegram_webhook and port not in PORTS and settings.telegram_api.rstrip("/") == PUBLIC_API:
        what = f"telegram_webhook has port {port}, and Telegram delivers to 443, 80, 88 and 8443 alone"
        raise SettingsError(what, mend="let the proxy listen at one of them (docs/operating.md)")


def _check_alarm(settings: Settings) -> None:
    if settings.alarm_language != "en" or settings.alarm:
        from bot.alarm import words_in

        words_in(settings.alarm_language)
    if settings.alarm_mail:
        from bot.alarm import read_relay

        read_relay(settings.alarm_mail, settings.alarm_from, settings.alarm_mail_password)
    elif any(target.kind == "mailto" for target in settings.alarm):
        raise SettingsError("an alarm goes by mail, and no mail server is set", mend='alarm_mail = "smtps://USER@HOST"')
