"""What a viewer streams: 3D Tiles 1.1 made from a city model."""
