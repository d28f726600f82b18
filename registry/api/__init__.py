"""Endpoints for stations and other systems, one resource a file."""

from flask import Flask
from flask_wtf import CSRFProtect

__all__ = ["install"]


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API's blueprint; it takes tokens, not cookies, so forged forms cannot reach it."""
