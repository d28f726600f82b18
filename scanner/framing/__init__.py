"""Bytes to frames: pure code that never sees a port, resynchronises by itself and holds a bounded number of bytes."""
