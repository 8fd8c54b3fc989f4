"""Coordinate reference systems: what an srsName means, and the way to the Earth's centre.

PROJ does not know the AdV names of the German survey, and takes a missing vertical datum
in silence; so names are read here, and horizontal and vertical parts are kept apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
from pyproj.exceptions import CRSError as ProjCrsError

from citykernel.arrays import BoolArray, Float64Array
from citykernel.errors import CrsError
from citykernel.geoid import Undulation

# Names of GeoInfoDok (AdV), position and height part; EPSG codes from the EPSG registry.
ADV_POSITION = {
    "ETRS89_UTM31": 25831,
    "ETRS89_UTM32": 25832,
    "ETRS89_UTM33": 25833,
    "DE_DHDN_3GK2": 31466,
    "DE_DHDN_3GK3": 31467,
    "DE_DHDN_3GK4": 31468,
    "DE_DHDN_3GK5": 31469,
}
ADV_HEIGHT = {"DE_DHHN2016_NH": 7837, "DE_DHHN92_NH": 5783, "DE_DHHN85_NOH": 5784}
VERTICAL_NAMES = {7837: "DHHN2016", 5783: "DHHN92", 5784: "DHHN85", 6695: "JGD2011 (vertical)"}
# Heights that are ellipsoidal already (three-dimensional systems such as EPSG:4979).
ELLIPSOIDAL = -1
_CODE = re.compile(r"(?:EPSG)[:/]+(?:[0-9.]*[:/]+)?([0-9]{4,6})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CompoundCrs:
    """A horizontal system and, where it is known, a vertical one.

    Parameters
    ----------
    horizontal : int
        EPSG code of a projected or geographic system.
    vertical : int
        EPSG code of a physical height system, 0 if the source names none, ``ELLIPSOIDAL``
        where heights are ellipsoidal.
    latitude_first : bool
        Coordinates come as latitude, longitude (the order of the EPSG registry for
        geographic systems), or northing, easting.
    name : str
        The srsName as it was found.
    """

    horizontal: int
    vertical: int = 0
    latitude_first: bool = False
    name: str = ""

    def __str__(self) -> str:
        vertical = f"+{self.vertical}" if self.vertical > 0 else ""
        return f"EPSG:{self.horizontal}{vertical}"

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return bool(_proj_crs(self.horizontal).is_geographic)

    @property
    def vertical_name(self) -> str:
        """Readable name of the height system; says so where the source states none."""
        if self.vertical == ELLIPSOIDAL:
            return "ellipsoidal"
        if not self.vertical:
            return "unknown (taken as height above the geoid)"
        return VERTICAL_NAMES.get(self.vertical, f"EPSG:{self.vertical}")


@lru_cache(maxsize=64)
def _proj_crs(code: int) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_epsg(code)
    except ProjCrsError as error:
        raise CrsError(
            f"EPSG:{code} is not a coordinate reference system PROJ knows"
        ) from error


def parse_crs(name: str) -> CompoundCrs:
    """Read an srsName.

    Parameters
    ----------
    name : str
        AdV URN with or without ``*GCG2016``, OGC URN or URL, compound URN, ``EPSG:n``,
        ``EPSG:n+m``.

    Returns
    -------
    CompoundCrs
        Horizontal and vertical part; a vertical code 0 means that the name states none.

    Raises
    ------
    CrsError
        The name is local, unknown, or names no horizontal system.

    Examples
    --------
    >>> str(parse_crs("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH*GCG2016"))
    'EPSG:25832+7837'
    >>> parse_crs("http://www.opengis.net/def/crs/EPSG/0/6697").latitude_first
    True
    """
    text = name.strip()
    if text.lower().startswith("urn:adv:crs:"):
        return _parse_adv(text)
    codes = [_code(part) for part in _parts(text)]
    if not codes or 0 in codes:
        raise CrsError(
            f"'{text}' is not a coordinate reference system Stadtbild knows; "
            "wanted an AdV or OGC URN or an EPSG code, give one with --crs"
        )
    return _from_codes(codes, text)


def _parts(text: str) -> list[str]:
    if text.lower().startswith(
        "urn:ogc:def:crs,"
    ):  # urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783
        return [part.removeprefix("crs:") for part in text.split(",")[1:]]
    plus = re.fullmatch(r"(EPSG:[0-9]+)\+(?:EPSG:)?([0-9]+)", text, re.IGNORECASE)
    if plus:
        return [plus[1], f"EPSG:{plus[2]}"]
    return [text]


def _code(part: str) -> int:
    found = _CODE.search(part.replace("::", ":"))
    return int(found[1]) if found else 0


def _parse_adv(text: str) -> CompoundCrs:
    position, *rest = text[len("urn:adv:crs:") :].split("*")
    if position not in ADV_POSITION or (rest and rest[0] not in ADV_HEIGHT):
        known = ", ".join([*ADV_POSITION, *ADV_HEIGHT])
        raise CrsError(f"'{text}' is not an AdV name Stadtbild knows (known: {known})")
    vertical = ADV_HEIGHT[rest[0]] if rest else 0
    return CompoundCrs(ADV_POSITION[position], vertical, name=text)


def _from_codes(codes: list[int], text: str) -> CompoundCrs:
    crs = _proj_crs(codes[0])
    horizontal, vertical = codes[0], codes[1] if len(codes) > 1 else 0
    if crs.is_compound:
        parts = [part.to_epsg() or 0 for part in crs.sub_crs_list]
        horizontal, vertical = parts[0], parts[1]
        crs = _proj_crs(horizontal)
    elif len(crs.axis_info) == 3 and not vertical:  # noqa: PLR2004 - the third axis is the height
        vertical = ELLIPSOIDAL
    if not (crs.is_projected or crs.is_geographic):
        raise CrsError(
            f"'{text}' has no horizontal part; wanted a projected or geographic system"
        )
    # Projected coordinates stand easting first in every CityGML file seen, whatever the
    # registry says (Gauss-Krueger is northing first there); degrees keep the registry's order.
    first = crs.axis_info[0].direction.lower()
    return CompoundCrs(horizontal, vertical, crs.is_geographic and first == "north", text)


def check_area(crs: CompoundCrs, easting: Float64Array, northing: Float64Array) -> None:
    """Refuse coordinates that cannot belong to the system.

    Parameters
    ----------
    crs : CompoundCrs
        The system.
    easting, northing : (n,) float64
        Coordinates in it, easting (or longitude) first.

    Raises
    ------
    CrsError
        A coordinate is not finite or lies outside the system's area of use, grown by 5
        degrees (towns at a zone's edge, planned projects and tests lie a little outside).
    """
    if not len(easting):
        return
    if not (np.isfinite(easting).all() and np.isfinite(northing).all()):
        raise CrsError(f"coordinates in {crs} are not numbers")
    low = np.array([easting.min(), northing.min()])
    high = np.array([easting.max(), northing.max()])
    if outside_area(crs, *np.stack([low, high], axis=1)).any():
        area = _proj_crs(crs.horizontal).area_of_use
        raise CrsError(
            f"coordinates {low[0]:.1f} {low[1]:.1f} to {high[0]:.1f} {high[1]:.1f} lie outside "
            f"the area of {crs} ({area.name if area else 'Earth'}); is the srsName right?"
        )


def outside_area(crs: CompoundCrs, easting: Float64Array, northing: Float64Array) -> BoolArray:
    """Tell which places cannot belong to the system.

    Parameters
    ----------
    crs : CompoundCrs
        The system.
    easting, northing : (n,) float64
        Coordinates in it, easting (or longitude) first.

    Returns
    -------
    (n,) bool
        Not finite, or outside the system's area of use, grown by 5 degrees (see
        :func:`check_area`).
    """
    to_degrees = pyproj.Transformer.from_crs(
        _proj_crs(crs.horizontal), "EPSG:4326", always_xy=True
    )
    lon, lat = (np.asarray(part) for part in to_degrees.transform(easting, northing))
    outside: BoolArray = ~(np.isfinite(lon) & np.isfinite(lat))
    area = _proj_crs(crs.horizontal).area_of_use
    if area is None:
        return outside
    margin = 5.0
    outside |= (lat < area.south - margin) | (lat > area.north + margin)
    too_far_west, too_far_east = lon < area.west - margin, lon > area.east + margin
    if area.west > area.east:  # an area over the date line
        return outside | (too_far_west & too_far_east)
    return outside | too_far_west | too_far_east


class Geocentric:
    """The way from a system's coordinates to the Earth's centre (EPSG:4978) for many points.

    The horizontal system's datum is taken as WGS 84 for ETRS89, JGD2011 and the like
    (differences below a metre, stated by EPSG as null transformations); older datums such
    as DHDN are shifted by PROJ's best transformation.
    """

    def __init__(self, crs: CompoundCrs, undulation: Undulation) -> None:
        self.crs = crs
        self.undulation = undulation
        self._to_degrees = pyproj.Transformer.from_crs(
            _proj_crs(crs.horizontal), "EPSG:4326", always_xy=True
        )
        self._to_earth = pyproj.Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            "+step +proj=cart +ellps=WGS84"
        )

    def degrees(self, points: Float64Array) -> Float64Array:
        """Longitude, latitude in degrees and ellipsoidal height in metres.

        Parameters
        ----------
        points : (n, 3) float64
            Easting, northing (or longitude, latitude) and physical height.

        Returns
        -------
        (n, 3) float64
            Longitude and latitude in degrees, height above the ellipsoid in metres.
        """
        lon, lat = self._to_degrees.transform(points[:, 0], points[:, 1])
        lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        if self.crs.vertical == ELLIPSOIDAL:
            return np.stack([lon, lat, points[:, 2]], axis=1)
        return np.stack([lon, lat, points[:, 2] + self._undulations(lon, lat)], axis=1)

    def _undulations(self, lon: Float64Array, lat: Float64Array) -> Float64Array:
        if np.isfinite(self.undulation.constant_m) or len(lon) < 64:  # noqa: PLR2004 - few points need no net
            return self.undulation.at(lon, lat)
        # The geoid is smooth: within a work unit of some kilometres a net of 5 x 5 places,
        # read bilinearly, is within a millimetre of asking the grid for every vertex.
        west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
        if max(east - west, north - south) > 0.1:  # noqa: PLR2004 - about 10 km
            return self.undulation.at(lon, lat)
        count = 5
        x, y = np.meshgrid(np.linspace(west, east, count), np.linspace(south, north, count))
        net = self.undulation.at(x.ravel(), y.ravel()).reshape(count, count)
        u = (lon - west) / max(east - west, 1e-12) * (count - 1)
        v = (lat - south) / max(north - south, 1e-12) * (count - 1)
        i = np.minimum(u.astype(np.int64), count - 2)
        j = np.minimum(v.astype(np.int64), count - 2)
        du, dv = u - i, v - j
        below = net[j, i] * (1 - du) + net[j, i + 1] * du
        above = net[j + 1, i] * (1 - du) + net[j + 1, i + 1] * du
        return np.asarray(below * (1 - dv) + above * dv, np.float64)

    def __call__(self, points: Float64Array) -> Float64Array:
        """Earth-centred coordinates.

        Parameters
        ----------
        points : (n, 3) float64
            Easting, northing (or longitude, latitude) and physical height.

        Returns
        -------
        (n, 3) float64
            EPSG:4978, metres.
        """
        degrees = self.degrees(points)
        x, y, z = self._to_earth.transform(degrees[:, 0], degrees[:, 1], degrees[:, 2])
        return np.stack([x, y, z], axis=1)
