"""The provisioned concurrency rule: how serverless endpoints are kept warm, and for how much."""
