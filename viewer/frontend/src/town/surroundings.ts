/** Light, sky, far ground and fog: the town stands in a landscape, not in a void. */

import {
  BackSide,
  CircleGeometry,
  Color,
  DirectionalLight,
  Fog,
  Group,
  HemisphereLight,
  Mesh,
  MeshLambertMaterial,
  type Scene,
  ShaderMaterial,
  SphereGeometry,
  Vector3,
} from 'three';
import { eye, type Pose } from './pose';

/** How a time of day looks; the page's dark theme gets the evening. */
interface Mood {
  readonly horizon: string;
  readonly zenith: string;
  readonly sky: number;
  readonly sun: number;
  readonly sunColour: string;
}

const DAY: Mood = {
  horizon: '#e7edeb',
  zenith: '#a9c6d6',
  sky: 1.75,
  sun: 2.1,
  sunColour: '#fff3df',
};

const EVENING: Mood = {
  horizon: '#3f4d59',
  zenith: '#18232e',
  sky: 0.95,
  sun: 0.8,
  sunColour: '#ffd2a0',
};

/**
 * From the south-east, 40 degrees high: about half past nine on a summer morning in
 * Soest. It lights the fronts a reader looking north sees.
 */
const SUN_AZIMUTH = (140 * Math.PI) / 180;
const SUN_ALTITUDE = (40 * Math.PI) / 180;
const TO_SUN = new Vector3(
  Math.sin(SUN_AZIMUTH) * Math.cos(SUN_ALTITUDE),
  Math.sin(SUN_ALTITUDE),
  -Math.cos(SUN_AZIMUTH) * Math.cos(SUN_ALTITUDE),
);

/** As the tiles' own paper ground, so that the town's edge is no line. */
const FAR_GROUND = '#e5e2d3';
const SHADOW_PIXELS = 2048;
/** The highest spire above the ground: what may cast a shadow into the picture. */
const HIGHEST = 120;
const EARTH_RADIUS = 40_000;

export class Surroundings {
  readonly #sun = new DirectionalLight();
  readonly #sky = new HemisphereLight();
  readonly #fog = new Fog(0);
  readonly #ground: Mesh<CircleGeometry, MeshLambertMaterial>;
  readonly #dome: Mesh<SphereGeometry, ShaderMaterial>;
  readonly #horizon = new Color();
  readonly #zenith = new Color();
  readonly #far = new Group();
  #shadowCell = '';

  constructor(readonly scene: Scene) {
    this.#ground = new Mesh(
      new CircleGeometry(EARTH_RADIUS, 64).rotateX(-Math.PI / 2),
      new MeshLambertMaterial({ color: FAR_GROUND }),
    );
    this.#dome = new Mesh(
      new SphereGeometry(1, 32, 24),
      domeMaterial(this.#horizon, this.#zenith),
    );
    this.#dome.frustumCulled = false;
    this.#dome.renderOrder = -1;
    this.#far.add(this.#ground, this.#dome);
    this.#sun.castShadow = true;
    this.#sun.shadow.mapSize.set(SHADOW_PIXELS, SHADOW_PIXELS);
    this.#sun.shadow.intensity = 0.75;
    this.#sun.shadow.radius = 2.5;
    scene.fog = this.#fog;
    scene.add(this.#far, this.#sun, this.#sun.target, this.#sky);
  }

  setDark(dark: boolean): void {
    const mood = dark ? EVENING : DAY;
    this.#fog.color.set(mood.horizon);
    this.scene.background = new Color(mood.horizon);
    this.#sun.color.set(mood.sunColour);
    this.#sun.intensity = mood.sun;
    this.#sky.color.set(dark ? '#7f9bb8' : '#eef4f7');
    this.#sky.groundColor.set(dark ? '#2f3238' : '#cfc7b4');
    this.#sky.intensity = mood.sky;
    this.#horizon.set(mood.horizon);
    this.#zenith.set(mood.zenith);
  }

  /** The far ground lies just under the lowest tile, so that no tile is drowned in it. */
  setGroundHeight(height: number): void {
    this.#ground.position.y = height;
  }

  /**
   * Follows the camera. Returns true when the shadows must be drawn anew: they are kept
   * while the camera moves inside the same part of the town.
   */
  follow(pose: Pose, townRadius: number): boolean {
    const at = eye(pose);
    this.#dome.position.set(at.x, at.y, at.z);
    this.#dome.scale.setScalar(pose.distance + 20 * townRadius);
    this.#fog.near = pose.distance + 0.5 * townRadius;
    this.#fog.far = pose.distance + 1.8 * townRadius;
    return this.#aimSun(pose, townRadius);
  }

  #aimSun(pose: Pose, townRadius: number): boolean {
    // Steps of half a power of two: few sizes, so that the shadows seldom change.
    const wanted = Math.min(1.2 * pose.distance + 60, 1.5 * townRadius);
    const half = 2 ** (Math.ceil(Math.log2(wanted) * 2) / 2);
    const step = half / 4;
    const ahead = 0.25 * pose.distance;
    const x = Math.round((pose.target.x + ahead * Math.sin(pose.heading)) / step) * step;
    const z = Math.round((pose.target.z - ahead * Math.cos(pose.heading)) / step) * step;
    const cell = `${half} ${x} ${z}`;
    if (cell === this.#shadowCell) return false;
    this.#shadowCell = cell;
    const away = half + HIGHEST * 4;
    this.#sun.target.position.set(x, 0, z);
    this.#sun.position.copy(TO_SUN).multiplyScalar(away).add(this.#sun.target.position);
    const { camera } = this.#sun.shadow;
    camera.left = camera.bottom = -half;
    camera.right = camera.top = half;
    camera.near = 1;
    camera.far = 2 * away;
    camera.updateProjectionMatrix();
    this.#sun.target.updateMatrixWorld();
    return true;
  }
}

/** From the horizon's haze to the blue above; below the horizon only haze. */
function domeMaterial(horizon: Color, zenith: Color): ShaderMaterial {
  return new ShaderMaterial({
    side: BackSide,
    depthWrite: false,
    fog: false,
    uniforms: { horizon: { value: horizon }, zenith: { value: zenith } },
    vertexShader: `
      varying vec3 vDirection;
      void main() {
        vDirection = position;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      uniform vec3 horizon;
      uniform vec3 zenith;
      varying vec3 vDirection;
      void main() {
        float height = normalize(vDirection).y;
        gl_FragColor = vec4(mix(horizon, zenith, smoothstep(0.01, 0.55, height)), 1.0);
        #include <colorspace_fragment>
      }`,
  });
}
