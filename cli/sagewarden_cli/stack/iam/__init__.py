"""IAM on paper: policies read, requests judged by them, and roles checked against what they did."""
