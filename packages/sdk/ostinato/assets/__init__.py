"""Assets: what tasks make outside of Ostinato, named by a URI, and which of them others were made from."""

from ostinato.assets.definition import Asset, AssetProperties, add_asset_metadata
from ostinato.assets.materializing import MaterializingTask, materialize

__all__ = ["Asset", "AssetProperties", "MaterializingTask", "add_asset_metadata", "materialize"]
