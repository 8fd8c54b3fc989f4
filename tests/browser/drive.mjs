/**
 * Opens the page in headless Chromium with software WebGL2, takes steps, and prints what
 * it saw as JSON. Requests that would leave this machine are refused and named.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../viewer/frontend/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const order = {
  size: [1280, 720],
  scheme: 'light',
  motion: 'reduce',
  webgl: true,
  touch: false,
  refuse: [],
  hold: [],
  ...JSON.parse(process.argv[2]),
};
const seen = { answers: [], console: [], received: {}, failed: [], outside: [] };

const drawing = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const quiet = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const browser = await chromium.launch({
  executablePath: order.chromium,
  args: [...quiet, ...(order.webgl ? drawing : ['--disable-3d-apis'])],
});
const [width, height] = order.size;
const page = await browser.newPage({
  viewport: { width, height },
  colorScheme: order.scheme,
  reducedMotion: order.motion,
  hasTouch: order.touch,
});

page.on('console', (line) => {
  if (['error', 'warning'].includes(line.type())) seen.console.push(line.text());
});
page.on('pageerror', (error) => seen.console.push(String(error)));
page.on('requestfailed', (request) => seen.failed.push(new URL(request.url()).pathname));
page.on('response', (answer) => {
  const { pathname } = new URL(answer.url());
  seen.received[pathname] = Number(answer.headers()['content-length'] ?? 0);
  if (answer.status() >= 400) seen.failed.push(pathname);
});
await page.route('**', (route) => {
  const { protocol, hostname, pathname } = new URL(route.request().url());
  if (protocol.startsWith('http') && hostname !== '127.0.0.1') {
    seen.outside.push(route.request().url());
    return route.abort();
  }
  if (order.refuse.some((part) => pathname.includes(part))) return route.abort();
  // Held back for ever: how the page looks while it waits.
  if (order.hold.some((part) => pathname.includes(part))) return undefined;
  return route.continue();
});

const verbs = {
  state: (state) =>
    page.waitForSelector(`town-page[state="${state}"]`, { timeout: 60_000 }).then(() => state),
  wait: (milliseconds) => page.waitForTimeout(milliseconds),
  click: (x, y) => page.mouse.click(x, y),
  tap: (x, y) => page.touchscreen.tap(x, y),
  press: (key) => page.keyboard.press(key),
  focus: (selector) => page.focus(selector),
  button: (name) => page.getByRole('button', { name, exact: false }).click(),
  wheel: async (x, y, turn) => {
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, turn);
  },
  drag: async (button, x, y, toX, toY) => {
    await page.mouse.move(x, y);
    await page.mouse.down({ button });
    await page.mouse.move(toX, toY, { steps: 4 });
    await page.mouse.up({ button });
  },
  allow: () => order.refuse.splice(0).length,
  pose: () => page.evaluate(() => document.querySelector('town-page').pose),
  // The next picture is drawn one frame later.
  settle: () =>
    page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    ),
  text: (selector) =>
    page.evaluate((css) => document.querySelector(css)?.innerText ?? null, selector),
  title: () => page.title(),
  // Until an element's text holds some words.
  until: (selector, words) =>
    page
      .waitForFunction(
        ([css, part]) => document.querySelector(css)?.innerText.includes(part),
        [selector, words],
        { timeout: 60_000 },
      )
      .then(() => words),
  box: (selector) => page.locator(selector).boundingBox(),
  focused: () =>
    page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent),
  shot: (path) => page.screenshot({ path }).then(() => path),
  narrow: async (to) => {
    await page.setViewportSize({ width: to, height: 640 });
    await page.waitForTimeout(300);
    return page.evaluate(() => document.documentElement.scrollWidth);
  },
  axe: async () => {
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    return page.evaluate(async () => {
      const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values } });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target).join(' ')}`);
    });
  },
};

try {
  await page.goto(order.url);
  for (const [verb, ...values] of order.steps) {
    seen.answers.push((await verbs[verb](...values)) ?? null);
  }
  process.stdout.write(JSON.stringify(seen));
} catch (error) {
  process.stderr.write(`${error}\n${JSON.stringify(seen, null, 1)}\n`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
