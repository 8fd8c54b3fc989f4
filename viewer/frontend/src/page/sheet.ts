/**
 * A panel: a column on a wide screen, on a phone a sheet from below in three heights,
 * moved by its handle or by pressing it.
 */

import { html, LitElement, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { words } from '../words';

export type SheetHeight = 'peek' | 'half' | 'full';

const HEIGHTS: readonly SheetHeight[] = ['peek', 'half', 'full'];
/** A pull by so many pixels goes one height on. */
const PULL_PIXELS = 40;

/** The height one step up or down, or the same at the end. */
export function nextHeight(height: SheetHeight, step: 1 | -1): SheetHeight {
  return HEIGHTS[HEIGHTS.indexOf(height) + step] ?? height;
}

export abstract class Sheet extends LitElement {
  @property({ reflect: true }) height: SheetHeight = 'peek';
  #from: number | undefined;
  #pulled = false;

  /** In the page's own tree: one style sheet, and labels that may refer to each other. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected abstract content(): TemplateResult;

  protected override render(): TemplateResult {
    const label = this.height === 'full' ? words.sheet.smaller : words.sheet.larger;
    return html`
      <button
        class="handle"
        type="button"
        aria-label=${label}
        aria-expanded=${this.height !== 'peek'}
        @click=${this.#press}
        @pointerdown=${this.#down}
        @pointerup=${this.#up}
      ><span></span></button>
      <div class="content">${this.content()}</div>`;
  }

  #press(): void {
    // A pull ends with a click of its own.
    if (!this.#pulled)
      this.height = this.height === 'full' ? 'peek' : nextHeight(this.height, 1);
    this.#pulled = false;
  }

  #down(event: PointerEvent): void {
    this.#from = event.clientY;
    this.#pulled = false;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  #up(event: PointerEvent): void {
    if (this.#from === undefined) return;
    const pull = this.#from - event.clientY;
    this.#from = undefined;
    this.#pulled = Math.abs(pull) > PULL_PIXELS;
    if (this.#pulled) this.height = nextHeight(this.height, pull > 0 ? 1 : -1);
  }
}
