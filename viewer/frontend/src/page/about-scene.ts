/** What the model is, where it comes from and how exact it is: readable without any 3D. */

import { html, type TemplateResult } from 'lit';
import type { Layer, Scene } from '../contracts';
import { degrees, plusMinusMetres } from '../format';
import { words } from '../words';

/** The source of a layer as its licence wants it named. */
export function creditOf({ attribution, licence }: Layer): string {
  return [attribution, licence].filter((text) => text !== '').join(', ');
}

/** All sources of a scene, each once. */
export function creditsOf(layers: readonly Layer[]): string[] {
  return [...new Set(layers.map(creditOf))].filter((text) => text !== '');
}

/** The facts of a scene as label and text. */
export function sceneFacts({ origin, height, crs }: Scene): [string, string][] {
  const say = words.about;
  const place = say.placeText(degrees(origin.latitudeDeg), degrees(origin.longitudeDeg));
  return [
    [say.place, place],
    [say.heights, say.heightsText(height.verticalCrs, height.method)],
    [say.accuracy, plusMinusMetres(height.accuracyM) ?? say.unknownAccuracy],
    [say.crs, crs],
  ];
}

export function aboutScene(scene: Scene): TemplateResult {
  const say = words.about;
  return html`
    <dl class="facts">
      ${sceneFacts(scene).map(([label, text]) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}
      ${scene.layers.map(
        (layer) =>
          html`<div><dt>${say.source(layer.title)}</dt><dd>${creditOf(layer)}</dd></div>`,
      )}
    </dl>
    <p class="quiet"><a href="licences.txt">${say.licences}</a></p>`;
}

/** What each key does. */
export function keyHelp(): TemplateResult {
  return html`
    <h2 class="small">${words.about.keyboard}</h2>
    <dl class="facts keys">
      ${words.view.keyTable.map(([key, text]) => html`<div><dt>${key}</dt><dd>${text}</dd></div>`)}
    </dl>`;
}
