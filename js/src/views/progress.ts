/** The bar of all trials and its legend. */

import type { State } from '../state';
import { h, setHidden, setText } from './dom';
import { KIND_WORDS, type Mark, markElement } from './marks';
import { type Counts, overviewOf, progressOf, toCome } from './summary';

const ORDER = ['finished', 'early', 'hand', 'failed', 'cancelled', 'running', 'waiting', 'todo'] as const;
type Segment = (typeof ORDER)[number];
const WORDS: { [segment in Segment]: string } = { ...KIND_WORDS, todo: 'to come' };
/** In a longer search running trials are drawn as one, as their cells would be too thin to see. */
const LONG = 200;

export interface ProgressView {
  element: HTMLElement;
  update(state: State): void;
}

export function progressView(): ProgressView {
  const bar = h('div', 'maggy-bar', { role: 'img' });
  const segments = new Map(ORDER.map(name => [name, h('div', `maggy-seg maggy-seg-${name}`)]));
  bar.append(...segments.values());
  const legend = h('div', 'maggy-legend');
  const entries = new Map(ORDER.map(name => [name, entry(name)]));
  const started = h('span', 'maggy-legend-end maggy-muted');
  legend.append(...[...entries.values()].map(e => e.element), started);

  function update(state: State): void {
    const { begun, ...overview } = overviewOf(state);
    const counts = { ...overview.counts, todo: toCome(state) };
    for (const [name, segment] of segments) {
      setHidden(segment, counts[name] === 0);
      segment.style.flexGrow = String(counts[name]);
      const item = entries.get(name);
      if (!item) continue;
      setHidden(item.element, counts[name] === 0);
      setText(item.count, String(counts[name]));
    }
    const running = segments.get('running');
    if (running) drawCells(running, state);
    setText(started, `${begun} of ${Math.max(state.total, overview.listed)} started`);
    bar.setAttribute('aria-label', label(counts));
  }

  return { element: h('div', 'maggy-progress', {}, bar, legend), update };
}

function entry(name: Mark & Segment): { element: HTMLElement; count: HTMLElement } {
  const count = h('b');
  return { element: h('span', '', {}, markElement(name), count, ` ${WORDS[name]}`), count };
}

/** One cell per running trial, filled as far as it came; the furthest first. */
function drawCells(segment: HTMLElement, state: State): void {
  const { running, longest } = overviewOf(state);
  const shares = running.map(trial => progressOf(trial, longest)).sort((a, b) => b - a);
  const cells = shares.length > 1 && state.total > LONG ? [mean(shares)] : shares;
  while (segment.childElementCount > cells.length) segment.lastElementChild?.remove();
  while (segment.childElementCount < cells.length) segment.append(h('i', '', {}, h('b')));
  cells.forEach((share, i) => {
    const fill = segment.children[i]?.firstElementChild as HTMLElement | null | undefined;
    if (fill) fill.style.width = `${Math.round(share * 100)}%`;
  });
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function label(counts: Counts & { todo: number }): string {
  const parts = ORDER.filter(name => counts[name] > 0).map(name => `${counts[name]} ${WORDS[name]}`);
  return `Trials: ${parts.join(', ') || 'none yet'}`;
}
