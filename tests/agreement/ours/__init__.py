"""Our side of the golden values: each function gives, for a case, the numbers that R gave, under the same names."""
