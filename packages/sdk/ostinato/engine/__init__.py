"""The engine: what happens, step by step, when a flow or a task is called. No step does I/O by itself."""
