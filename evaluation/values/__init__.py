"""Values that organisations share, and where surveys ask about them."""
