"""The endpoint capacity rule: how many instances or copies there are, and when."""
