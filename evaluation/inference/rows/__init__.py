"""What needs rows: people assigned to arms, one model as a check, and tests within people. statsmodels and pingouin live here."""
