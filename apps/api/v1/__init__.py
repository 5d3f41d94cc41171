"""Version 1 of the API: one module a resource, on the same operations as the console."""
