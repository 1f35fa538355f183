"""What running Sagewarden costs: measured in the sandbox, priced from a dated list."""
