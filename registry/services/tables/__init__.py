"""Delimited files that people send: read as they come, checked cell by cell, reported line by line."""
