"""What the tests of the user guide and its generated pages are made of."""
