"""Managed node groups of Amazon EKS with GPUs, Inferentia or Trainium: by their hours and use."""
