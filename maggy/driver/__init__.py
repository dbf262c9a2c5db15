"""The Spark driver's side: everything with a thread, a socket, a file or a clock, around the pure core."""
