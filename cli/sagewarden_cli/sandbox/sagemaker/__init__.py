"""Amazon SageMaker: notebook instances, hosting and tags, with their real states and timings."""
