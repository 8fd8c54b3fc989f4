"""Longer work the commands start: fetching and tiling."""
