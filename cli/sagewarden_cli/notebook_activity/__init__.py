"""What runs on notebook instances, so that Sagewarden knows whether anything is at work on them."""
