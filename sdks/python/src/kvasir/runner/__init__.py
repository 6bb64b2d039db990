"""Runs one Python function: ``python -m kvasir.runner file.py``."""
