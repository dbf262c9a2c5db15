/** What a drag or a key on an axis means for its brush. Pure; places are 0..1 along the axis. */

import type { Brush } from '../store';
import { type Axis, extents } from './axis';

export type Grip = 'new' | 'low' | 'high' | 'body';
type Extent = { low: number; high: number };

/** What the pointer takes hold of at a place: an end of the brush, its middle, or nothing yet. */
export function gripAt(axis: Axis, brush: Brush | undefined, at: number, near: number): Grip {
  if (!brush || 'choices' in brush) return 'new';
  const extent = extents(axis, brush)[0];
  if (!extent) return 'new';
  if (Math.abs(at - extent.high) <= near) return 'high';
  if (Math.abs(at - extent.low) <= near) return 'low';
  return at > extent.low && at < extent.high ? 'body' : 'new';
}

/** The extent after a drag from one place to another, of a brush that had the extent `old`. */
export function dragged(grip: Grip, old: Extent | undefined, from: number, to: number): Extent {
  if (grip === 'new' || !old) return ordered(from, to);
  if (grip === 'low') return ordered(to, old.high);
  if (grip === 'high') return ordered(old.low, to);
  const shift = Math.max(-old.low, Math.min(1 - old.high, to - from));
  return { low: old.low + shift, high: old.high + shift };
}

/** The brush that lets through what lies between the places; null where that is nothing. */
export function brushBetween(axis: Axis, { low, high }: Extent): Brush | null {
  const [from, to] = [Math.max(0, low), Math.min(1, high)];
  if (!axis.scale) {
    const choices = axis.bands.filter(band => band.low < to && band.high > from).map(band => band.label);
    return choices.length > 0 ? { choices: new Set(choices) } : null;
  }
  if (axis.bands.length > 0) {
    const hit = axis.bands.map((_, i) => i).filter(i => overlaps(axis, i, from, to));
    const [first, last] = [hit[0], hit[hit.length - 1]];
    if (first === undefined || last === undefined) return null;
    return { low: centre(axis, first), high: centre(axis, last) };
  }
  // What touches an end of the axis takes in what is clamped there.
  const start = low <= 0 ? endOf(axis, 0) : axis.scale.value(from);
  const end = high >= 1 ? endOf(axis, 1) : axis.scale.value(to);
  return start <= end ? { low: start, high: end } : null;
}

/** A brush after an arrow key: `move` shifts it by steps of the axis, `grow` moves its upper end alone. */
export function nudged(axis: Axis, brush: Brush | undefined, steps: number, grow: boolean): Brush | null {
  if (axis.bands.length > 0) return nudgedBands(axis, brush, steps, grow);
  const old = brush && extents(axis, brush)[0];
  if (!old) return brushBetween(axis, { low: 0.4, high: 0.6 });
  const [low, high] = [Math.max(0, old.low), Math.min(1, old.high)];
  const by = steps * 0.05;
  if (grow) return brushBetween(axis, { low, high: Math.max(low + 0.01, Math.min(1, high + by)) });
  return brushBetween(axis, dragged('body', { low, high }, 0, by));
}

function nudgedBands(axis: Axis, brush: Brush | undefined, steps: number, grow: boolean): Brush | null {
  const last = axis.bands.length - 1;
  const held = brush ? bandsIn(axis, brush) : [];
  const [low, high] = [held[0], held[held.length - 1]];
  if (low === undefined || high === undefined)
    return ofBands(axis, steps > 0 ? 0 : last, steps > 0 ? 0 : last);
  if (grow) return ofBands(axis, low, Math.max(low, Math.min(last, high + steps)));
  const shift = Math.max(-low, Math.min(last - high, steps));
  return ofBands(axis, low + shift, high + shift);
}

function bandsIn(axis: Axis, brush: Brush): number[] {
  const inside = extents(axis, brush);
  return axis.bands
    .map((_, i) => i)
    .filter(i => inside.some(e => middle(axis, i) > e.low && middle(axis, i) < e.high));
}

function ofBands(axis: Axis, low: number, high: number): Brush | null {
  return brushBetween(axis, { low: middle(axis, low) - 1e-6, high: middle(axis, high) + 1e-6 });
}

function overlaps(axis: Axis, i: number, from: number, to: number): boolean {
  const band = axis.bands[i];
  return band !== undefined && band.low < to && band.high > from;
}

function middle(axis: Axis, i: number): number {
  const band = axis.bands[i];
  return band ? (band.low + band.high) / 2 : 0;
}

/** The integer of a band. */
function centre(axis: Axis, i: number): number {
  const value = axis.scale?.value(middle(axis, i)) ?? 0;
  return Number(value.toPrecision(12));
}

function endOf(axis: Axis, end: 0 | 1): number {
  if (axis.scale && !axis.open) return end === 0 ? axis.scale.low : axis.scale.high;
  return end === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function ordered(a: number, b: number): Extent {
  return a < b ? { low: a, high: b } : { low: b, high: a };
}
