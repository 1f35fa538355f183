"""The only room that knows boto3, DynamoDB and the clock."""
