"""Small helpers that flows use beside the decorators."""
