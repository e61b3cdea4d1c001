"""Actions: on what they act, what their templates know, and how each of them is done."""
