/** The panel of the chosen building. */

import { html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { X } from 'lucide';
import { type Building, factsOf, titleOf } from '../building';
import { words } from '../words';
import { icon } from './icon';
import { Sheet } from './sheet';

@customElement('building-panel')
export class BuildingPanel extends Sheet {
  @property({ attribute: false }) building: Building | undefined;
  /** Source and licence of the data shown. */
  @property() credit = '';
  @property() notice = '';

  override height: 'peek' | 'half' | 'full' = 'half';

  /** Moves the reader to the panel, for whoever chose with the keyboard. */
  async focusTitle(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override content(): TemplateResult {
    const { building } = this;
    if (building === undefined) return html``;
    return html`
      <div class="title">
        <h2 tabindex="-1">${titleOf(building)}</h2>
        <button class="round" type="button" aria-label=${words.building.close} title=${words.building.close}
          @click=${this.#close}>${icon(X)}</button>
      </div>
      ${building.complete ? '' : html`<p role="status">${words.building.loading}</p>`}
      <dl class="facts">
        ${factsOf(building).map(
          ({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
        )}
      </dl>
      <p class="quiet">
        ${this.notice === '' ? '' : html`<strong>${this.notice}.</strong> `}
        ${this.credit === '' ? '' : `${words.building.source}: ${this.credit}`}
      </p>`;
  }

  #close(): void {
    this.dispatchEvent(new Event('close'));
  }
}
