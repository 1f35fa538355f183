"""SageMaker Savings Plans: what an hourly commitment costs, which costs least, and its risk."""
