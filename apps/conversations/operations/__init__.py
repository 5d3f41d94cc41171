"""What may happen to a conversation, a verb a file."""
