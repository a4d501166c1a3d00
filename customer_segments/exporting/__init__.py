"""Audiences of a build on their way into files: read, judged again, written."""
