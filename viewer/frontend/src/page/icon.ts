/** Icons of one open set (lucide), drawn as elements: no markup is ever parsed. */

import type { IconNode } from 'lucide';

const SVG = 'http://www.w3.org/2000/svg';

/** A decorative icon in the text's colour; the button around it carries the name. */
export function icon(node: IconNode): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const [name, attributes] of node) {
    const child = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
      child.setAttribute(key, String(value));
    svg.append(child);
  }
  return svg;
}
