"""Many trials on many workers: what the driver's memory, threads and files do meanwhile."""
