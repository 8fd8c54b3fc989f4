/**
 * Colours single buildings inside a tile that is drawn at once: a small texture holds one
 * state for each feature, and the shader looks it up by the feature id of the vertex.
 */

import {
  Color,
  DataTexture,
  type Mesh,
  type MeshLambertMaterial,
  RedFormat,
  UnsignedByteType,
  type WebGLProgramParametersWithUniforms,
} from 'three';

/** Features side by side in the texture; far below what any device allows. */
const WIDTH = 512;
const SELECTED = 255;
/** Design token "selected". */
const SELECTED_COLOUR = new Color('#e0a100');

/** GLTFLoader writes the names of own attributes in lower case. */
const FEATURE_ATTRIBUTE = '_feature_id_0';

export class FeatureStates {
  readonly texture: DataTexture;
  readonly #states: Uint8Array<ArrayBuffer>;
  #selected: readonly number[] = [];

  constructor(count: number) {
    const rows = Math.max(1, Math.ceil(count / WIDTH));
    this.#states = new Uint8Array(WIDTH * rows);
    this.texture = new DataTexture(this.#states, WIDTH, rows, RedFormat, UnsignedByteType);
    this.texture.needsUpdate = true;
  }

  /** Marks these features and no others. */
  select(features: readonly number[]): void {
    if (features.length === 0 && this.#selected.length === 0) return;
    for (const feature of this.#selected) this.#states[feature] = 0;
    for (const feature of features) this.#states[feature] = SELECTED;
    this.#selected = features;
    this.texture.needsUpdate = true;
  }

  isSelected(feature: number): boolean {
    return this.#states[feature] === SELECTED;
  }

  dispose(): void {
    this.texture.dispose();
  }
}

/** Lets a mesh's material follow the states of its features. */
export function followStates(
  mesh: Mesh,
  material: MeshLambertMaterial,
  states: FeatureStates,
): void {
  if (mesh.geometry.getAttribute(FEATURE_ATTRIBUTE) === undefined) return;
  material.onBeforeCompile = (shader: WebGLProgramParametersWithUniforms) => {
    shader.uniforms.featureStates = { value: states.texture };
    shader.uniforms.selectedColour = { value: SELECTED_COLOUR };
    shader.vertexShader = shader.vertexShader
      .replace(
        '#include <common>',
        `#include <common>
        attribute float ${FEATURE_ATTRIBUTE};
        uniform sampler2D featureStates;
        varying float vSelected;`,
      )
      .replace(
        '#include <begin_vertex>',
        `#include <begin_vertex>
        int feature = int(${FEATURE_ATTRIBUTE} + 0.5);
        vSelected = texelFetch(featureStates, ivec2(feature % ${WIDTH}, feature / ${WIDTH}), 0).r;`,
      );
    shader.fragmentShader = shader.fragmentShader
      .replace(
        '#include <common>',
        `#include <common>
        uniform vec3 selectedColour;
        varying float vSelected;`,
      )
      .replace(
        '#include <color_fragment>',
        `#include <color_fragment>
        diffuseColor.rgb = mix(diffuseColor.rgb, selectedColour, 0.55 * vSelected);`,
      )
      .replace(
        '#include <emissivemap_fragment>',
        `#include <emissivemap_fragment>
        // A glow of its own, or the choice would drown in the evening.
        totalEmissiveRadiance += 0.16 * vSelected * selectedColour;`,
      );
  };
  material.customProgramCacheKey = () => 'feature-states';
}
