"""How advice on Savings Plans is shown: tables, a document for programs, and a page with curves."""
