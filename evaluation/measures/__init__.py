"""How answers become scores: expressions over a table of responses, evaluated only inside the scan."""
