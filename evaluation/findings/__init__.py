"""What the numbers mean: verdicts, sentences, reasons, decisions, and the ledger that keeps them."""
