"""How a deployed stack is: read, never changed, one module per thing that is looked at."""
