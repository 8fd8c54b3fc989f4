/** Numbers as German readers write them, always with their unit. */

import { words } from './words';

const oneDigit = new Intl.NumberFormat(words.locale, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const noDigit = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 3 });
const upToTwoDigits = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 2 });

/** Between number and unit, so that a line never breaks there. */
const JOINED = '\u00a0';

function known(value: number | null | undefined): value is number {
  return value !== undefined && value !== null && Number.isFinite(value);
}

/** "12,4 m", or undefined when the number is not known. */
export function metres(value: number | null | undefined): string | undefined {
  return known(value) ? `${oneDigit.format(value)}${JOINED}m` : undefined;
}

/** "95,2 m ü. NHN (DHHN2016)": a height is never told without its zero. */
export function metresAboveSea(value: number | null | undefined): string | undefined {
  const height = metres(value);
  return height && `${height} ${words.aboveSea}`;
}

/** "± 0,5 m", as exact as the number was given. */
export function plusMinusMetres(value: number | null | undefined): string | undefined {
  return known(value) ? `±${JOINED}${upToTwoDigits.format(value)}${JOINED}m` : undefined;
}

/** "51,574": a degree of a place on the map, to some 70 metres. */
export function degrees(value: number): string {
  return threeDigits.format(value);
}

/** "3". */
export function wholeNumber(value: number | null | undefined): string | undefined {
  return known(value) ? noDigit.format(value) : undefined;
}

/** "1834": a year is no amount, it has no thousands. */
export function year(value: number | null | undefined): string | undefined {
  return known(value) ? String(Math.round(value)) : undefined;
}
