"""Who takes part: the register of organisations, teams and sites."""
