"""What stands behind a button that is no option of a flow. Each begins with `~`, which no id of a flow can."""

MORE, GROUPS, DONE = "~more", "~groups", "~done"
SKIP, BACK, HELP, DANGER = "~skip", "~back", "~help", "~danger"
KEEP, AGAIN, NOT_SURE, YES, NO, BOTH = "~keep", "~again", "~not_sure", "~yes", "~no", "~both"
ANOTHER, GO_ON, NEW, ERASE, SEND, CHANGING = "~another", "~go_on", "~new", "~erase", "~send", "~change"
