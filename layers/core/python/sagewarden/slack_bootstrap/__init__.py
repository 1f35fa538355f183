"""Wiring of what speaks with Slack; the bots import none of it."""
