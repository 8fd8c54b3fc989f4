/**
 * The scene as the server describes it, checked strictly: the same rules as
 * citykernel/scene.py, and both are tested with the files in tests/contracts.
 */

export const SCENE_VERSION = 1;

export type LayerKind = 'buildings' | 'terrain';

/** ETRS89 longitude and latitude in degrees, height above the ellipsoid in metres. */
export interface Origin {
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  readonly heightEllipsoidal: number;
}

/** How the heights of the source became ellipsoidal heights; lengths in metres. */
export interface HeightReference {
  readonly verticalCrs: string;
  readonly method: string;
  readonly accuracyM: number | null;
  readonly undulationM: number;
}

export interface Layer {
  readonly id: string;
  readonly kind: LayerKind;
  readonly title: string;
  readonly href: string;
  readonly attribution: string;
  readonly licence: string;
  readonly visible: boolean;
}

export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly notice: string;
  readonly origin: Origin;
  readonly crs: string;
  readonly height: HeightReference;
  readonly layers: readonly Layer[];
}

/** Data that do not keep the contract; the message names the key. */
export class ContractError extends Error {}

/** A JSON object of which every key must be asked for, each by its type. */
class Fields {
  readonly #rest: Map<string, unknown>;

  constructor(
    data: unknown,
    readonly where: string,
  ) {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new ContractError(`${where} is no object`);
    }
    this.#rest = new Map(Object.entries(data));
  }

  take(key: string): unknown {
    if (!this.#rest.has(key)) throw new ContractError(`${this.where}.${key} is missing`);
    const value = this.#rest.get(key);
    this.#rest.delete(key);
    return value;
  }

  text(key: string): string {
    const value = this.take(key);
    if (typeof value !== 'string') throw new ContractError(`${this.where}.${key} is no text`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.take(key);
    if (typeof value === 'boolean') return value;
    throw new ContractError(`${this.where}.${key} is neither true nor false`);
  }

  number(key: string, within = Number.POSITIVE_INFINITY): number {
    const value = this.take(key);
    if (typeof value !== 'number') throw new ContractError(`${this.where}.${key} is no number`);
    if (!Number.isFinite(value) || Math.abs(value) > within) {
      throw new ContractError(`${this.where}.${key} is ${value}, out of range`);
    }
    return value;
  }

  optionalNumber(key: string): number | null {
    if (this.#rest.get(key) !== null) return this.number(key);
    this.#rest.delete(key);
    return null;
  }

  inner(key: string): Fields {
    return new Fields(this.take(key), `${this.where}.${key}`);
  }

  several(key: string): Fields[] {
    const value = this.take(key);
    if (!Array.isArray(value)) throw new ContractError(`${this.where}.${key} is no list`);
    return value.map((item, ix) => new Fields(item, `${this.where}.${key}[${ix}]`));
  }

  finish<T>(result: T): T {
    for (const key of this.#rest.keys()) {
      throw new ContractError(`${this.where}.${key} is not a known key`);
    }
    return result;
  }
}

/** Reads a scene; throws a ContractError that names the first key that is wrong. */
export function parseScene(data: unknown): Scene {
  const scene = new Fields(data, 'scene');
  const version = scene.number('version');
  if (version !== SCENE_VERSION) throw new ContractError(`scene.version is ${version}`);
  return scene.finish({
    id: idOf(scene),
    title: scene.text('title'),
    notice: scene.text('notice'),
    origin: parseOrigin(scene.inner('origin')),
    crs: scene.text('crs'),
    height: parseHeight(scene.inner('height')),
    layers: parseLayers(scene.several('layers')),
  });
}

/** The ids and paths in the server's list of scenes. */
export function parseSceneList(
  data: unknown,
): { readonly id: string; readonly href: string }[] {
  const list = new Fields(data, 'list');
  const scenes = list.several('scenes').map((scene) => {
    const [id, href] = [idOf(scene), ownPath(scene)];
    scene.text('title');
    scene.text('notice');
    return scene.finish({ id, href });
  });
  return list.finish(scenes);
}

function idOf(fields: Fields): string {
  const id = fields.text('id');
  if (/^[a-z0-9-]*[a-z0-9][a-z0-9-]*$/.test(id)) return id;
  throw new ContractError(`${fields.where}.id is ${JSON.stringify(id)}`);
}

function parseOrigin(fields: Fields): Origin {
  return fields.finish({
    longitudeDeg: fields.number('longitude_deg', 180),
    latitudeDeg: fields.number('latitude_deg', 90),
    heightEllipsoidal: fields.number('height_ellipsoidal'),
  });
}

function parseHeight(fields: Fields): HeightReference {
  return fields.finish({
    verticalCrs: fields.text('vertical_crs'),
    method: fields.text('method'),
    accuracyM: fields.optionalNumber('accuracy_m'),
    undulationM: fields.number('undulation_m'),
  });
}

function parseLayers(list: readonly Fields[]): Layer[] {
  const layers = list.map(parseLayer);
  const ids = layers.map((layer) => layer.id);
  const twice = ids.find((id, ix) => ids.indexOf(id) !== ix);
  if (twice !== undefined) throw new ContractError(`two layers have the id ${twice}`);
  return layers;
}

function parseLayer(fields: Fields): Layer {
  return fields.finish({
    id: fields.text('id'),
    kind: kindOf(fields),
    title: fields.text('title'),
    href: ownPath(fields),
    attribution: fields.text('attribution'),
    licence: fields.text('licence'),
    visible: fields.flag('visible'),
  });
}

function kindOf(fields: Fields): LayerKind {
  const kind = fields.text('kind');
  if (kind === 'buildings' || kind === 'terrain') return kind;
  throw new ContractError(`${fields.where}.kind is ${kind}`);
}

/** Refuses every address that is not a plain path on our own host. */
function ownPath(fields: Fields): string {
  const href = fields.text('href');
  const steps = href.replace(/^\//, '').split('/');
  if (steps.some((step) => ['', '.', '..'].includes(step)) || /[:\\?#%]/.test(href)) {
    throw new ContractError(`${fields.where}.href is ${href}`);
  }
  return href;
}
