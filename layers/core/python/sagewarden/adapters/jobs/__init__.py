"""Jobs on boto3: one module for each kind that `kinds.py` names, and what they share."""
