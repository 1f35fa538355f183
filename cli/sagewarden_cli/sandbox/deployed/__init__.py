"""What a stack that was deployed here looks like to CloudFormation and to Lambda, for reading."""
