"""The generated part of the documentation: settings, commands and public names, read from what is installed."""
