"""The plan on a page, before any data: what the study asks, and what it will be able to see."""
