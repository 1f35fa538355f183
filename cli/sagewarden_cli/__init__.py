"""The workstation: plan, apply, schedules, the sandbox and the demo."""
