"""Documents that ship with the program: the worked study and the named policies."""
