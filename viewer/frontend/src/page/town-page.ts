/** The page: one town, what it is called, and the panels around it. */

import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Building, titleOf } from '../building';
import type { Scene } from '../contracts';
import { LoadError, loadScene } from '../load-scene';
import type { KeyAction } from '../town/keyboard';
import type { Pose } from '../town/pose';
import type { TownView } from '../town/town-view';
import { words } from '../words';
import { aboutScene, creditOf, creditsOf } from './about-scene';
import type { BuildingPanel } from './building-panel';
import './building-panel';
import './camera-rail';
import { type Message, pageMessage } from './page-message';
import './town-panel';

const PATIENCE_MS = 1200;

@customElement('town-page')
export class TownPage extends LitElement {
  /** "ready" once the first tiles are drawn, before that and otherwise a message. */
  @property({ reflect: true }) state: Message | 'ready' = 'loading';
  @state() private scene: Scene | undefined;
  @state() private building: Building | undefined;
  @state() private heading = 0;
  @state() private troubled = false;
  @state() private announced = '';
  #view: TownView | undefined;

  /** Where the camera stands, for tests and for whoever embeds the page. */
  get pose(): Pose | undefined {
    return this.#view?.pose;
  }

  /** What was drawn before the program came, such as the words for no script, goes. */
  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.state = 'loading';
    if (this.#view !== undefined) {
      this.#view.tryAgain();
      return;
    }
    try {
      this.scene = await loadScene(document.baseURI);
      if (this.scene === undefined) this.state = 'empty';
      else await this.#show(this.scene);
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      this.state = error.fault;
    }
  }

  async #show(scene: Scene): Promise<void> {
    document.title = words.pageTitle(scene.title);
    if (scene.layers.length === 0) {
      this.state = 'empty';
      return;
    }
    if (document.createElement('canvas').getContext('webgl2') === null) {
      this.state = 'no-webgl';
      return;
    }
    const { TownView } = await import('../town/town-view');
    await this.updateComplete;
    const canvas = this.querySelector('canvas');
    if (canvas === null) return;
    this.#view = new TownView(canvas, scene, document.baseURI, {
      ready: () => {
        this.state = 'ready';
      },
      moved: ({ heading }) => {
        this.heading = heading;
      },
      picked: (building, asked) => this.#picked(building, asked),
      trouble: (troubled) => this.#trouble(troubled),
    });
  }

  #picked(building: Building | undefined, asked: boolean): void {
    this.building = building;
    if (building !== undefined) {
      this.announced = words.building.announce(titleOf(building));
      if (asked) void this.#focusPanel();
    } else if (asked) {
      this.announced = words.building.nothingThere;
    }
  }

  async #focusPanel(): Promise<void> {
    await this.updateComplete;
    await this.querySelector<BuildingPanel>('building-panel')?.focusTitle();
  }

  #trouble(troubled: boolean): void {
    this.troubled = troubled;
    // Without a first tile there is nothing that stays; another layer may still bring one.
    window.setTimeout(() => {
      if (this.state === 'loading' && this.troubled) this.state = 'unreachable';
    }, PATIENCE_MS);
  }

  #close(): void {
    this.#view?.choose(undefined, false);
    this.announced = '';
    this.querySelector('canvas')?.focus();
  }

  #leaveWithEscape(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#close();
  }

  protected override render(): TemplateResult {
    const { scene } = this;
    return html`
      <header class="masthead">
        <h1>${scene?.title ?? words.product}</h1>
        ${scene?.notice ? html`<p class="notice">${scene.notice}</p>` : ''}
      </header>
      <main data-chosen=${this.building !== undefined}>
        ${scene === undefined || this.state === 'no-webgl' ? '' : this.#town(scene)}
        ${this.state === 'ready' ? '' : this.#message()}
      </main>
      <p class="spoken" role="status">${this.announced}</p>`;
  }

  #town(scene: Scene): TemplateResult {
    const { view } = words;
    return html`
      <div class="view">
        <canvas tabindex="0" role="application" aria-label=${view.label(scene.title)} aria-describedby="keys"></canvas>
        <span class="crosshair" aria-hidden="true"></span>
        <p id="keys" class="spoken">${view.keys}</p>
      </div>
      ${this.troubled ? html`<p class="trouble" role="status">${words.state.noMoreTiles}</p>` : ''}
      <camera-rail
        .heading=${this.heading}
        @act=${({ detail }: CustomEvent<KeyAction>) => this.#view?.act(detail)}
      ></camera-rail>
      <p class="credit">${words.building.source}: ${creditsOf(scene.layers).join(' · ')}</p>
      <town-panel class="sheet" .scene=${scene}></town-panel>
      ${this.#chosen(scene)}`;
  }

  #chosen(scene: Scene): TemplateResult | string {
    if (this.building === undefined) return '';
    const source = scene.layers.find(({ kind }) => kind === 'buildings');
    return html`
      <section aria-label=${words.building.region} @keydown=${this.#leaveWithEscape}>
        <building-panel
          class="sheet"
          .building=${this.building}
          .credit=${source === undefined ? '' : creditOf(source)}
          .notice=${scene.notice}
          @close=${this.#close}
        ></building-panel>
      </section>`;
  }

  #message(): TemplateResult {
    const { state, scene } = this;
    if (state === 'ready') return html``;
    const message = pageMessage(state, () => void this.#load());
    if (state !== 'no-webgl' || scene === undefined) return message;
    return html`<div class="reading">${message}${aboutScene(scene)}</div>`;
  }
}
