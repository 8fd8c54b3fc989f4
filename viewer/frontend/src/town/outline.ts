/** Draws the edges of the chosen building two pixels wide, so that colour is not alone. */

import {
  BufferGeometry,
  EdgesGeometry,
  Float32BufferAttribute,
  type Mesh,
  Vector3,
} from 'three';
import { LineMaterial } from 'three/addons/lines/LineMaterial.js';
import { LineSegments2 } from 'three/addons/lines/LineSegments2.js';
import { LineSegmentsGeometry } from 'three/addons/lines/LineSegmentsGeometry.js';

/** Edges between surfaces that are nearly one plane are triangulation, not building. */
const EDGE_ANGLE_DEG = 20;

export function outlineMaterial(): LineMaterial {
  return new LineMaterial({
    color: '#7a5200',
    linewidth: 2,
    polygonOffset: true,
    polygonOffsetFactor: -2,
    polygonOffsetUnits: -4,
  });
}

/** Triangles of some features of a mesh, as corners in the town's frame. */
export function cornersOf(mesh: Mesh, features: ReadonlySet<number>): number[] {
  const { geometry } = mesh;
  const positions = geometry.getAttribute('position');
  const ids = geometry.getAttribute('_feature_id_0');
  const index = geometry.getIndex();
  const corner = new Vector3();
  const found: number[] = [];
  const count = index?.count ?? positions.count;
  mesh.updateWorldMatrix(true, false);
  for (let at = 0; at + 2 < count; at += 3) {
    const first = index?.getX(at) ?? at;
    if (!features.has(ids.getX(first))) continue;
    for (let step = 0; step < 3; step += 1) {
      const vertex = index?.getX(at + step) ?? at + step;
      corner.fromBufferAttribute(positions, vertex).applyMatrix4(mesh.matrixWorld);
      found.push(corner.x, corner.y, corner.z);
    }
  }
  return found;
}

/** The outline of corners in the town's frame, or undefined when there are none. */
export function outlineOf(
  corners: readonly number[],
  material: LineMaterial,
): LineSegments2 | undefined {
  if (corners.length === 0) return undefined;
  const faces = new BufferGeometry();
  faces.setAttribute('position', new Float32BufferAttribute(corners, 3));
  const edges = new EdgesGeometry(faces, EDGE_ANGLE_DEG);
  const lines = new LineSegments2(
    new LineSegmentsGeometry().fromEdgesGeometry(edges),
    material,
  );
  faces.dispose();
  edges.dispose();
  return lines;
}
