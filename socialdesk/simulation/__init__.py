"""Synthetic customers who write on Square, over HTTP only, as people with browsers would."""
