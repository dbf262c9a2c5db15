/** Values in words and digits, for people. */

import type { Json } from './contract';
import { isInterval, type Parameter } from './parameters';

/** A hyperparameter's value as it is shown everywhere, and as filters name it. */
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

const labels = new WeakMap<Parameter, Map<string, string>>();

/** A choice's name: as it is shown, unless another choice is shown alike: None and 'None'. */
export function labelOf(parameter: Parameter, value: Json): string {
  const known = labels.get(parameter) ?? labelled(parameter.values);
  labels.set(parameter, known);
  return known.get(JSON.stringify(value)) ?? show(value);
}

function labelled(values: Json[]): Map<string, string> {
  const shown = values.map(show);
  const used = new Set<string>();
  return new Map(
    values.map((value, i) => {
      const alone = shown.filter(other => other === shown[i]).length === 1;
      let label = alone || typeof value !== 'string' ? show(value) : `'${show(value)}'`;
      while (used.has(label)) label += '′';
      used.add(label);
      return [JSON.stringify(value), label];
    }),
  );
}

/** At most four digits: 0.0316, 7.1e-4, 12000. Whole numbers below a million stay whole. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size < 1e-2 || size >= 1e6) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(size >= 1000 ? 5 : 3)));
}

/** A metric on its own: four digits, trailing zeros kept: 0.9630, 12.35, 1.2e-5. */
export function showMetric(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e6 || (size < 1e-3 && size > 0)) return showNumber(value);
  return value.toFixed(decimalsFor([value]));
}

/** How many decimals tell such values apart: 3 for 0.9143, 2 for 12.35; goes by the value in the middle. */
export function decimalsFor(values: readonly number[]): number {
  const sizes = values
    .filter(value => Number.isFinite(value) && value !== 0)
    .map(Math.abs)
    .sort((a, b) => a - b);
  const middle = sizes[sizes.length >> 1];
  if (middle === undefined) return 3;
  const digits = Math.ceil(Math.log10(middle));
  return Math.max(0, Math.min(6, (middle > 1 ? 4 : 3) - digits));
}

/** A metric in a column of others. */
export function showAligned(value: number, decimals: number): string {
  const size = Math.abs(value);
  const fits = Number.isFinite(value) && size < 1e6 && (size === 0 || size >= 0.5 * 10 ** -decimals);
  return fits ? value.toFixed(decimals) : showNumber(value);
}

/** How the values of a hyperparameter are written below each other. */
export function columnFormat(parameter: Parameter): (value: Json | undefined) => string {
  if (!isInterval(parameter)) return value => (value === undefined ? '' : labelOf(parameter, value));
  if (parameter.type === 'INTEGER') return show;
  const [low = 0, high = 0] = parameter.values.map(Number);
  const exponential = parameter.log && (low < 0.01 || high >= 1e5);
  // The power of ten that cuts the interval into at least fifty.
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10((high - low) / 50))));
  return value => {
    if (typeof value !== 'number') return show(value);
    return exponential ? value.toExponential(1).replace('e+', 'e') : value.toFixed(decimals);
  };
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

/** What a terminal would show: no colours, and of a line written over again its last form. */
export function cleanLog(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const bare = text.replace(/\u001b\[[0-9;?]{0,20}[@-~]/g, '');
  return bare.split('\n').map(lastForm).join('\n');
}

function lastForm(line: string): string {
  const written = line.replace(/\r{1,9}$/, '');
  return written.slice(written.lastIndexOf('\r') + 1);
}
