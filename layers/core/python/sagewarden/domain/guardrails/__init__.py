"""Guardrails: what was created or exists, held against what the policy allows."""
