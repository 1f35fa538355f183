"""One endpoint and its owner: warned, kept, warned anew, ignored, deleted, and asked back."""
