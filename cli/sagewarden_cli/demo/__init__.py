"""`sagewarden demo`: a believable organisation, one simulated week, one report."""
