"""A whole run: inputs to an output file, in one process, in several, or on a Ray cluster."""
