"""governance.yaml: models, located errors, and the rules they become."""
