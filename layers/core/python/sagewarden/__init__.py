"""Sagewarden: serverless bots that keep an Amazon SageMaker bill down, owners first."""
