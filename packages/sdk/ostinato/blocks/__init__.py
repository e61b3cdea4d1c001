"""Blocks: typed configuration and credentials that a server keeps; `ostinato.blocks.core.Block` is their base."""
