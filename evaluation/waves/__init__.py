"""From a file as received to responses in the store: readers, checks, mapping, collection, linkage."""
