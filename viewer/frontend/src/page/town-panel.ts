/** The panel of the town: what one sees here, and everything about the model on request. */

import { html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Scene } from '../contracts';
import { words } from '../words';
import { aboutScene, keyHelp } from './about-scene';
import { Sheet } from './sheet';

@customElement('town-panel')
export class TownPanel extends Sheet {
  @property({ attribute: false }) scene: Scene | undefined;

  protected override content(): TemplateResult {
    return html`
      <p class="hint">${words.about.hint}</p>
      <details>
        <summary>${words.about.title}</summary>
        ${this.scene === undefined ? '' : aboutScene(this.scene)}
        ${keyHelp()}
      </details>`;
  }
}
