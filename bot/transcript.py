"""Golden transcripts: a conversation as a text file that a translator can read."""

from bot.channels import Outgoing
from bot.channels.terminal import is_extra


class Transcript:
    """`>` the reporter, `<` the bot, `[…]` buttons, `=` what was sealed and decided."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.replies = 0
        self.messages = 0

    def says(self, words: str) -> None:
        self.lines += [f"> {line}" for line in words.split("\n")]
        self.replies += words != "/start"

    def hears(self, out: Outgoing) -> None:
        self.messages += 1
        self.lines += [f"< {line}".rstrip() for line in out.text.split("\n")]
        labels = [f"[{label}]" for row in out.rows for label, data in row if not is_extra(data)]
        if labels:
            self.lines.append(f"  {' '.join(labels)}")

    def notes(self, text: str) -> None:
        self.lines.append(f"= {text}")

    def text(self, title: str) -> str:
        return "\n".join([f"# {title}", *self.lines, ""])
