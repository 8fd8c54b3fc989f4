"""The local frame: metres east, north and up of one point of the town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import Float64Array

# WGS 84 (EPSG:7030).
SEMI_MAJOR_AXIS_M = 6_378_137.0
ECCENTRICITY_SQUARED = 1 - (1 - 1 / 298.257223563) ** 2


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """East, north and up at a place, tied to the Earth's centre.

    Parameters
    ----------
    longitude_deg, latitude_deg : float
        The frame's origin, WGS 84.
    height_ellipsoidal : float
        The frame's origin in metres above the ellipsoid.
    """

    longitude_deg: float
    latitude_deg: float
    height_ellipsoidal: float

    def axes(self) -> Float64Array:
        """Unit vectors of the frame.

        Returns
        -------
        (3, 3) float64
            Rows east, north, up in Earth-centred coordinates.

        References
        ----------
        IOGP Guidance Note 7-2, EPSG method 9836 (geocentric/topocentric).
        """
        lon, lat = np.radians([self.longitude_deg, self.latitude_deg])
        return np.array(
            [
                [-np.sin(lon), np.cos(lon), 0.0],
                [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
                [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
            ]
        )

    def origin(self) -> Float64Array:
        """Earth-centred coordinates of the frame's origin.

        Returns
        -------
        (3,) float64
            Metres, EPSG:4978 (EPSG method 9602).
        """
        up = self.axes()[2]
        radius = SEMI_MAJOR_AXIS_M / np.sqrt(1 - ECCENTRICITY_SQUARED * up[2] ** 2)
        scale = np.array([radius, radius, radius * (1 - ECCENTRICITY_SQUARED)])
        return np.asarray(up * (scale + self.height_ellipsoidal), np.float64)

    def from_earth(self, points: Float64Array) -> Float64Array:
        """Turn Earth-centred coordinates into metres east, north, up.

        Parameters
        ----------
        points : (n, 3) float64
            EPSG:4978, metres.

        Returns
        -------
        (n, 3) float64
            Metres east, north and up of the origin.
        """
        return np.asarray((points - self.origin()) @ self.axes().T, np.float64)

    def to_earth(self, points: Float64Array) -> Float64Array:
        """Turn metres east, north, up into Earth-centred coordinates.

        Parameters
        ----------
        points : (n, 3) float64
            Metres east, north and up of the origin.

        Returns
        -------
        (n, 3) float64
            EPSG:4978, metres.
        """
        return np.asarray(points @ self.axes() + self.origin(), np.float64)

    def matrix(self) -> list[float]:
        """Column-major 4 x 4 matrix from the frame to the Earth, as 3D Tiles wants it.

        Returns
        -------
        list of 16 float
            ``tile.transform`` of OGC 3D Tiles 1.1.
        """
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes().T
        matrix[:3, 3] = self.origin()
        return [float(value) for value in matrix.T.ravel()]
