"""Any bytes at all: each reader gives a table or a WaveError, within bounded memory. `python -m tests.waves.fuzz` searches longer."""
