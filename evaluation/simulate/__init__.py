"""Wave files from a known truth: what the answers would look like if the effect were exactly this."""
