"""How Application Auto Scaling scales anything of SageMaker's, as values, and how it should."""
