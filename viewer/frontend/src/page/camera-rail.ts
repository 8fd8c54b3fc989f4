/** The buttons beside the town: what fingers and keys can do, for one finger alone. */

import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { House, Minus, Navigation2, Plus } from 'lucide';
import { actionOf, type KeyAction } from '../town/keyboard';
import { octant } from '../town/pose';
import { words } from '../words';
import { icon } from './icon';

@customElement('camera-rail')
export class CameraRail extends LitElement {
  /** Direction of view in radians clockwise from north. */
  @property({ type: Number }) heading = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** By script, because the content policy forbids style attributes in markup. */
  protected override updated(): void {
    this.style.setProperty('--needle', `${-this.heading}rad`);
  }

  protected override render(): TemplateResult {
    const say = words.view;
    const looking = say.heading(say.directions[octant(this.heading)] ?? '');
    return html`
      <div role="group" aria-label=${say.rail}>
        ${this.#button('Home', say.home, icon(House))}
        ${this.#button(
          'n',
          `${say.north}, ${looking}`,
          html`<span class="needle">${icon(Navigation2)}</span>`,
        )}
        ${this.#button('+', say.closer, icon(Plus))}
        ${this.#button('-', say.farther, icon(Minus))}
      </div>`;
  }

  /** A button that does what a key does. */
  #button(key: string, label: string, picture: unknown): TemplateResult {
    const plain = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };
    const action = actionOf({ key, ...plain });
    const press = () =>
      this.dispatchEvent(new CustomEvent<KeyAction>('act', { detail: action as KeyAction }));
    return html`
      <button class="round" type="button" aria-label=${label} title=${label} @click=${press}>${picture}</button>`;
  }
}
