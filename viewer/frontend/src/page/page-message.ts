/** What stands in place of the town: it loads, it is not there yet, or it does not come. */

import { html, type TemplateResult } from 'lit';
import type { LoadFault } from '../load-scene';
import { words } from '../words';

export type Message = 'loading' | 'empty' | 'no-webgl' | LoadFault;

interface Text {
  readonly title: string;
  readonly help?: string;
  readonly retry?: boolean;
}

function textOf(message: Message): Text {
  const say = words.state;
  switch (message) {
    case 'loading':
      return { title: say.loading };
    case 'empty':
      return { title: say.empty, help: say.emptyHelp, retry: true };
    case 'unreachable':
      return { title: say.unreachable, help: say.unreachableHelp, retry: true };
    case 'broken':
      return { title: say.broken, help: say.brokenHelp };
    case 'no-webgl':
      return { title: say.noWebgl, help: say.noWebglHelp };
  }
}

/** The message with a small picture of roofs, and a way out where there is one. */
export function pageMessage(message: Message, retry: () => void): TemplateResult {
  const { title, help, retry: offered } = textOf(message);
  return html`
    <section class="message" data-kind=${message} role=${message === 'loading' ? 'status' : 'alert'}>
      <svg class="roofs" viewBox="0 0 120 56" aria-hidden="true">
        <path class="wall" d="M8 52V30l13-10 13 10v22M40 52V24l14-14 14 14v28M86 52V36l12-9 12 9v16" />
        <path class="roof" d="M5 32 21 20l16 12M37 26 54 9l17 17M83 38l15-11 15 11" />
        <path class="tower" d="M72 52V22l5-19 5 19v30" />
        <path class="line" d="M0 53h120" />
      </svg>
      <h2>${title}</h2>
      ${help === undefined ? '' : html`<p>${help}</p>`}
      ${offered ? html`<button type="button" class="wide" @click=${retry}>${words.state.retry}</button>` : ''}
    </section>`;
}
