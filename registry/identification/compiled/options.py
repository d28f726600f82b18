"""How numba compiles the loops: kept on disk, without the interpreter's lock, with numpy's arithmetic."""

__all__ = ["OPTIONS"]

OPTIONS = {"cache": True, "nogil": True, "boundscheck": False, "error_model": "numpy"}
