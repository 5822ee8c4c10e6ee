"""What is asked and what comes next: pure, with no clock, no disk, no words of any language and no channel in it."""
