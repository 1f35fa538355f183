"""What is true and what to do: values and decisions, without any I/O."""
