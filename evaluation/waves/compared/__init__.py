"""An arriving wave beside those that are stored: notes for whoever loads it, none of which refuses it."""
