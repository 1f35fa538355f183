"""What AWS Lambda calls: events in, use cases run, log lines and metrics out."""
