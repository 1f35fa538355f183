"""Slack: what owners read there, and how it gets there."""
