/** The words of the page in the reader's language: one catalogue for each language. */

import { de } from './de';

/** Every catalogue has the German one's shape. */
export type Catalogue = typeof de;

export const words: Catalogue = de;
