"""Searches that run in a session of an Apache Livy server."""
