"""Readers: from files to :class:`~citymodel.model.CityModel`."""
