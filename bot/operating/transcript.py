"""Golden transcripts: a conversation as a text file that a translator can read."""

from bot.channels.letters import ticked
from bot.talk.outgoing import Outgoing


class Transcript:
    """`>` the reporter, `<` the bot, `[…]` buttons, `=` what was sealed and decided.

    What stands under every question besides (back, skip, help) is left out: it would be most of the file.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self.lines: list[str] = []
        self.replies = 0
        self.messages = 0

    def says(self, words: str) -> None:
        """What the reporter wrote, pressed or did."""
        self.lines += [f"> {line}" for line in words.split("\n")]
        self.replies += words != "/start"

    def hears(self, out: Outgoing) -> None:
        """What the bot said."""
        self.messages += 1
        self.lines += [f"< {line}".rstrip() for line in out.text.split("\n")]
        if out.choices:
            self.lines.append("  " + " ".join(f"[{ticked(choice)}]" for choice in out.choices))

    def notes(self, text: str) -> None:
        """What was sealed and decided."""
        self.lines.append(f"= {text}")

    def text(self, title: str) -> str:
        """The file as it is kept."""
        return "\n".join([f"# {title}", *self.lines, ""])
