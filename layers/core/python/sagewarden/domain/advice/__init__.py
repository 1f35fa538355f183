"""What else would do the same work for less money: advice, with its arithmetic."""
