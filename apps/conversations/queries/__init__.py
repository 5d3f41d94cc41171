"""What screens read of conversations, each in a number of queries that rows do not raise."""
