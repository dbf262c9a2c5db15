/** Names in little room: broken into two lines, staggered, and cut only where all that does not help. Pure. */

import { stack } from './labels';

type Measure = (text: string) => number;

export interface Heading {
  lines: string[];
  /** The middle of its lines. */
  x: number;
  /** 0 is the row next to the axes. */
  tier: number;
}

const GAP = 8;
/** How far, in distances between axes, a name may stand beside its axis. */
const ASIDE = 0.35;

/** Where names stand above axes at `xs` in a chart of such a width. */
export function headings(names: string[], xs: number[], width: number, measure: Measure): Heading[] {
  const gap = (xs[1] ?? width) - (xs[0] ?? 0);
  const whole = names.map(name => [name]);
  const halves = names.map(name => broken(name, measure));
  const room = 2 * gap - GAP;
  const short = names.map(name => (measure(name) > room ? broken(bare(name, names), measure) : [name]));
  const cut = short.map(lines => lines.map(line => shortened(line, [], room, measure)));
  for (const [lines, tiers] of [
    [whole, 1],
    [halves, 1],
    [whole, 2],
    [halves, 2],
  ] as const) {
    const placed = arrange(lines, xs, tiers, width, measure);
    if (placed.every(({ x }, i) => Math.abs(x - (xs[i] as number)) <= ASIDE * gap)) return placed;
  }
  return arrange(cut, xs, 2, width, measure);
}

/** NaN where there is no room. */
function arrange(lines: string[][], xs: number[], tiers: number, width: number, measure: Measure): Heading[] {
  const placed = lines.map((l, i) => ({ lines: l, x: Number.NaN, tier: i % tiers }));
  for (let tier = 0; tier < tiers; tier++) {
    const row = placed.map((_, i) => i).filter(i => i % tiers === tier);
    const labels = row.map(i => ({
      y: xs[i] as number,
      height: GAP + Math.max(...(lines[i] as string[]).map(measure)),
    }));
    stack(labels, -GAP / 2, width + GAP / 2).forEach((x, j) => {
      (placed[row[j] as number] as Heading).x = x ?? Number.NaN;
    });
  }
  return placed;
}

/** The name in two lines, as even as can be, broken after an underscore or the like. */
export function broken(name: string, measure: Measure): string[] {
  let [best, least] = [[name], measure(name)];
  for (const at of breaks(name)) {
    const lines = [name.slice(0, at), name.slice(at)];
    const widest = Math.max(...lines.map(measure));
    if (widest < least) [best, least] = [lines, widest];
  }
  return best;
}

/** The text, or its beginning; its end, where that is what tells it from the others. */
export function shortened(text: string, others: readonly string[], room: number, measure: Measure): string {
  if (measure(text) <= room) return text;
  const rest = bare(text, others);
  if (measure(rest) <= room) return rest;
  let kept = Math.min(60, rest.length - 1);
  while (kept > 1 && measure(`${rest.slice(0, kept)}…`) > room) kept--;
  return `${rest.slice(0, kept)}…`;
}

/** Without a long beginning that it shares with another. */
function bare(name: string, others: readonly string[]): string {
  const shared = Math.max(0, ...others.filter(other => other !== name).map(other => common(name, other)));
  const from =
    shared >= name.length / 2
      ? breaks(name)
          .filter(at => at <= shared)
          .pop()
      : undefined;
  return from === undefined ? name : `…${name.slice(from)}`;
}

function common(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** Where a name may be broken: after _ - . / and spaces, and before a capital. */
function breaks(name: string): number[] {
  return [...name.matchAll(/[_\-./\s](?=.)|[a-z](?=[A-Z])/g)].map(found => found.index + 1);
}
