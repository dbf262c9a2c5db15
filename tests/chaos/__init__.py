"""A search on a real cluster whose workers, executors and driver are killed at random."""
