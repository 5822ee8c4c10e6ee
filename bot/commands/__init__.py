"""Groups of commands, one a file. Each command imports what it needs only when it runs, so that --help is quick."""
