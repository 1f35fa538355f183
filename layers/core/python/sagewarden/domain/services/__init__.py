"""Services billed by the hour beside notebooks, endpoints and jobs: which of them nobody uses."""
