"""Amazon Bedrock, as far as it is billed by the hour: provisioned throughput."""
