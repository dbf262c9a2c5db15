/** Values in words and digits, for people. */

import type { Json } from './contract';

/** A hyperparameter's value as it is shown everywhere, and as filters and brushes name it. */
export function show(value: Json | undefined): string {
  if (value === undefined) return '';
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return showNumber(value);
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return `(${value.map(show).join(', ')})`;
  return plain(JSON.stringify(value));
}

/** At most four digits: 0.0316, 7.1e-4, 12000. Whole numbers below a million stay whole. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size < 1e-2 || size >= 1e6) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(size >= 1000 ? 5 : 3)));
}

/** How many decimals tell these metrics apart: 3 for 0.9143, fewer for large ones. */
export function decimalsFor(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (largest >= 1e6 || largest === 0) return 3;
  return Math.max(0, Math.min(6, 3 - Math.ceil(Math.log10(largest))));
}

/** 0:07, 24:18, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A text on one line, of bounded length, control characters made visible. */
export function plain(text: unknown, most = 200): string {
  const given = typeof text === 'string' ? text : String(text ?? '');
  const cut = given.length > most ? `${given.slice(0, most)}…` : given;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, c =>
    c === '\n' || c === '\t' ? ' ' : '\ufffd',
  );
}
