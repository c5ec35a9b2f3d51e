"""Numbers and figures as every page, report and sentence shows them."""
