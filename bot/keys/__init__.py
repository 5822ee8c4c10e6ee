"""Keys that die with a draft (no backup may hold one), and recipients that were accepted."""
