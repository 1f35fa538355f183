"""What bills by the hour beside notebook instances and endpoints: a handful of each kind."""
