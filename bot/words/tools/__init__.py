"""What makes the lists that words/ reads. Nothing here runs in the bot."""
