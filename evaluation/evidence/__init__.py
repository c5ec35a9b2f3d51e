"""The hinge: one scan of the responses becomes sums per cell, from which every linear estimate follows."""
