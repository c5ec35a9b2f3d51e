"""Pilot impact evaluation: from a protocol and survey waves to findings a board can trust."""
