"""What may leave the study: cells protected by the disclosure policy, and findings in words."""
