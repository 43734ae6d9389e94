"""Fuzz targets: every reader takes whatever comes, and its time grows in step with its input. `make fuzz` runs them."""
