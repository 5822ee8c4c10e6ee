"""`stonechat`, and `python -m bot`, which is the same."""

import signal


def main() -> None:
    """Ctrl-C while all is imported ends it without a word; from then on each command knows what to do with it (N22)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot import cli

    cli.main()


if __name__ == "__main__":
    main()
