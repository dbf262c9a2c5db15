/** Few, round, well-spaced labels for an axis. Pure. */

import type { Scale } from './scale';

export interface Tick {
  value: number;
  /** Place on the axis, 0..1. */
  at: number;
  label: string;
}

/** At most about `count` ticks of the scale, in order. */
export function ticksOf(scale: Scale, count: number): Tick[] {
  const few = Math.max(2, count);
  if (scale.spacing !== 'linear') {
    const rounds = scale.spacing === 'log' ? logRounds(scale) : spreadRounds(scale);
    const values = thinned(rounds, scale, 1 / few);
    if (values.length >= 3) return labelled(values, scale);
  }
  const { values, step } = evenly(scale.low, scale.high, few);
  return values
    .map(value => ({ value, at: scale.at(value), label: tickLabel(value, step) }))
    .filter(tick => tick.at >= -1e-9 && tick.at <= 1 + 1e-9);
}

/** 1, 2 or 5 times a power of ten: the smallest that divides the span into at most `count` steps. */
export function niceStep(span: number, count: number): number {
  const raw = span / count;
  if (!(raw > 0) || !Number.isFinite(raw)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find(f => f * power >= raw * 0.999) ?? 10;
  const step = factor * power;
  return step > 0 && Number.isFinite(step) ? step : raw;
}

/** A number for an axis or a label: 0.05, 7.1e-4, 1e30. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) return exponent(value, Math.max(0, digits - 2));
  return String(Number(value.toPrecision(Math.max(digits, Math.floor(Math.log10(size)) + 1))));
}

function evenly(low: number, high: number, count: number): { values: number[]; step: number } {
  const step = niceStep(high / count - low / count, 1);
  const values: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  for (let i = 0; i <= count + 1; i++) {
    const value = (first + i) * step;
    if (value > high + step * 1e-9 || !Number.isFinite(value)) break;
    values.push(value);
  }
  return { values, step };
}

function tickLabel(value: number, step: number): string {
  if (Math.abs(value) < step * 1e-6) return '0';
  const size = Math.max(Math.abs(value), step);
  if (step < 1e-4 || size >= 1e5) return exponent(value, order(value) - order(step));
  return value.toFixed(Math.max(0, -order(step)));
}

function order(value: number): number {
  return Math.floor(Math.log10(Math.abs(value)) + 1e-9);
}

function exponent(value: number, digits: number): string {
  const [mantissa = '', power = ''] = value.toExponential(Math.max(0, Math.min(6, digits))).split('e');
  const shorter = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${shorter}e${power.replace('+', '')}`;
}

/** Rounds by preference: powers of ten, then their halves and fifths, then the rest. */
function logRounds({ low, high }: Scale): number[][] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const stride = Math.max(1, Math.ceil((last - first) / 40));
  const start = Math.ceil(first / stride) * stride;
  const powers: number[] = [];
  for (let power = start; power <= last; power += stride) powers.push(power);
  const times = (factors: number[]) => powers.flatMap(p => factors.map(f => Number(`${f}e${p}`)));
  return stride > 1 ? [times([1])] : [times([1]), times([5, 2]), times([3, 7])];
}

/** The same, for the distance to 1: 0.9, 0.99; 0.5, 0.95, 0.8, 0.98; 0.7, 0.6. */
function spreadRounds({ low, high }: Scale): number[][] {
  const [first, last] = [Math.floor(Math.log10(1 - high)), Math.ceil(Math.log10(1 - low))];
  const powers: number[] = [];
  for (let power = Math.max(first, -12); power <= Math.min(last, 6); power++) powers.push(power);
  const times = (factors: number[]) =>
    powers.flatMap(p => factors.map(f => Number((1 - f * 10 ** p).toFixed(Math.max(0, 1 - p)))));
  return [times([1]), times([5]), times([2]), times([3, 4]), times([1.5, 6, 8])];
}

/** Takes from each group in turn what keeps its distance from what is there. */
function thinned(groups: number[][], scale: Scale, gap: number): number[] {
  const taken: number[] = [];
  for (const group of groups)
    for (const value of group) {
      const at = scale.at(value);
      if (at < -1e-9 || at > 1 + 1e-9) continue;
      if (taken.every(other => Math.abs(scale.at(other) - at) >= gap)) taken.push(value);
    }
  return taken.sort((a, b) => a - b);
}

function labelled(values: number[], scale: Scale): Tick[] {
  const wide = values.some(v => Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3));
  const decimals = Math.max(...values.map(v => (String(v).split('.')[1] ?? '').length));
  const label = (v: number) => {
    if (scale.spacing === 'spread') return v.toFixed(Math.min(8, decimals));
    return wide ? exponent(v, 0) : String(v);
  };
  return values.map(value => ({ value, at: scale.at(value), label: label(value) }));
}
