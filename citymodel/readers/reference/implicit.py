"""Implicit geometry: a shape told once and placed often (CityGML 2.0, section 8.3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from lxml import etree

from citykernel.arrays import Float64Array
from citykernel.crs import CompoundCrs

from .attributes import to_number
from .document import Document, href_of, text_of
from .names import GML_32, GML_311, MEANINGS

# GRS 80, the ellipsoid of ETRS89 and JGD2011 (H. Moritz, Geodetic Reference System 1980).
_SEMI_MAJOR_AXIS_M = 6_378_137.0
_ECCENTRICITY_SQUARED = 0.006_694_380_022_90
_POSITIONS = tuple(
    f"{{{namespace}}}{name}"
    for namespace in (GML_311, GML_32)
    for name in ("pos", "coordinates")
)


class Placement(NamedTuple):
    """Where a shape stands.

    Parameters
    ----------
    matrix : (4, 4) float64
        Applied to column vectors (x, y, z, 1) of the shape's own coordinates.
    reference : (3,) float64
        Added afterwards, in the model's system and in its order of axes.
    axes : (3, 3) float64
        From metres east, north and up to the axes of the model's system.
    """

    matrix: Float64Array
    reference: Float64Array
    axes: Float64Array

    def apply(self, corners: Float64Array) -> Float64Array:
        """Place corners.

        Parameters
        ----------
        corners : (n, 3) float64
            In the shape's own coordinates.

        Returns
        -------
        (n, 3) float64
            In the model's system: ``matrix @ (x, y, z, 1)``, divided by the fourth
            component, brought to the axes of the system, plus the reference point.
        """
        placed = np.column_stack([corners, np.ones(len(corners))]) @ self.matrix.T
        metres = placed[:, :3] / placed[:, 3:]
        return np.asarray(metres @ self.axes.T + self.reference, np.float64)


def metric_axes(crs: CompoundCrs, reference: Float64Array) -> Float64Array:
    """Make the matrix that brings metres to a system's axes near a place.

    Parameters
    ----------
    crs : CompoundCrs
        The model's system.
    reference : (3,) float64
        The place, in the system's order of axes.

    Returns
    -------
    (3, 3) float64
        The identity for projected systems. For geographic ones metres east and north become
        degrees by the radii of curvature of GRS 80 (J. P. Snyder, Map Projections, USGS
        Professional Paper 1395, 1987, chapter 4): shapes are some metres large, over which
        the Earth is flat to a hundredth of a millimetre.
    """
    if not crs.is_geographic:
        return np.eye(3)
    latitude = np.radians(reference[0 if crs.latitude_first else 1])
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    along = np.degrees(flat**1.5 / (_SEMI_MAJOR_AXIS_M * (1.0 - _ECCENTRICITY_SQUARED)))
    across = np.degrees(np.sqrt(flat) / (_SEMI_MAJOR_AXIS_M * np.cos(latitude)))
    axes = np.diag([across, along, 1.0])
    return axes[[1, 0, 2]] if crs.latitude_first else axes


def read_placement(
    document: Document, element: etree._Element, owner: str, crs: CompoundCrs
) -> tuple[Placement | None, etree._Element | None]:
    """Read an ImplicitGeometry.

    Parameters
    ----------
    document : Document
        For references and issues.
    element : lxml.etree._Element
        ``core:ImplicitGeometry``.
    owner : str
        gml:id of the object, for issues.
    crs : CompoundCrs
        The model's system.

    Returns
    -------
    placement : Placement or None
        None with an issue where matrix or reference point are missing or no numbers.
    relative : lxml.etree._Element or None
        The property ``relativeGeometry``, None with an issue where the shape lies in another
        file, which is never fetched.
    """
    child = {MEANINGS[below.tag].local: below for below in element}
    relative = child.get("relativeGeometry")
    if relative is None:
        library = child.get("libraryObject")
        name = text_of(library) if library is not None else "nothing"
        document.issue(
            "library-object", "warning",
            f"the shape of the implicit geometry is '{name}', which is not in the file",
            gml_id=owner, at=element,
        )  # fmt: skip
        return None, None
    matrix = _matrix(child.get("transformationMatrix"))
    reference = _reference(document, child.get("referencePoint"), owner)
    if matrix is None or reference is None:
        document.issue(
            "implicit-geometry", "error",
            "the implicit geometry has no transformation matrix of 16 numbers or no reference "
            "point of 3",
            gml_id=owner, at=element,
        )  # fmt: skip
        return None, None
    return Placement(matrix, reference, metric_axes(crs, reference)), relative


def _matrix(element: etree._Element | None) -> Float64Array | None:
    if element is None:  # optional in 3.0: the shape stands upright at its reference point
        return np.eye(4)
    numbers = _numbers(text_of(element))
    if len(numbers) != 16 or not np.isfinite(numbers).all() or not numbers[15]:  # noqa: PLR2004 - 4 x 4
        return None
    return numbers.reshape(4, 4)


def _reference(
    document: Document, prop: etree._Element | None, owner: str
) -> Float64Array | None:
    if prop is None:
        return None
    point: etree._Element | None = prop
    if not len(prop) and href_of(prop):
        point = document.resolve(href_of(prop), prop, owner)
    if point is None:
        return None
    for position in point.iter(*_POSITIONS):
        numbers = _numbers(text_of(position).replace(",", " "))
        if len(numbers) == 3 and np.isfinite(numbers).all():  # noqa: PLR2004 - x, y, z
            return numbers
    return None


def _numbers(text: str) -> Float64Array:
    return np.array([to_number(word) for word in text.split()], np.float64)
