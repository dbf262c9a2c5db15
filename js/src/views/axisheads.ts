/** The names above parallel axes: buttons, by which brushes can be set without a pointer. */

import { type Axis, titleOfAxis } from '../charts/axis';
import { nudged } from '../charts/brush';
import { type Heading, headings } from '../charts/names';
import { setFont } from '../charts/paper';
import type { ParallelPlot } from '../charts/parallelplot';
import type { Theme } from '../charts/theme';
import { short } from '../charts/ticks';
import { plain } from '../format';
import type { Brush, Store } from '../store';
import { button, setText } from './dom';
import type { Pane } from './pane';

/** Pixels of a line, as in charts.css. */
const LINE = 13;

export class AxisHeads {
  private readonly host: HTMLElement;
  private readonly store: Store;
  private readonly speak: (text: string) => void;
  private heads: HTMLButtonElement[] = [];
  private axes: readonly Axis[] = [];

  constructor(host: HTMLElement, store: Store, speak: (text: string) => void) {
    this.host = host;
    this.store = store;
    this.speak = speak;
  }

  /** Puts a name above each axis, the objectives' into `pane` where there is one; the pixels they take. */
  place(
    plot: ParallelPlot,
    width: number,
    context: CanvasRenderingContext2D | null,
    theme: Theme,
    pane: Pane,
  ): number {
    this.axes = plot.axes;
    while (this.heads.length > this.axes.length) this.heads.pop()?.remove();
    while (this.heads.length < this.axes.length) this.heads.push(this.made(this.heads.length));
    if (context) setFont(context, theme, true);
    const names = this.axes.map(nameOf);
    const measure = (text: string) => context?.measureText(text).width ?? 0;
    const places = headings(
      names,
      this.axes.map((_, i) => plot.axisX(i)),
      width,
      measure,
    );
    const rows = Math.max(...places.map(({ lines }) => lines.length));
    const tiers = 1 + Math.max(...places.map(({ tier }) => tier));
    this.axes.forEach((axis, i) => {
      const head = this.heads[i] as HTMLButtonElement;
      const { lines, x, tier } = places[i] as Heading;
      const inPane = pane.shown && i >= plot.metricAt;
      const host = inPane ? pane.element : this.host;
      if (head.parentElement !== host) host.append(head);
      head.hidden = this.axes.length < 2;
      head.title = titleOfAxis(axis);
      head.style.left = `${x - (inPane ? pane.from : 0)}px`;
      head.style.top = `${LINE * (rows * (tiers - tier) - lines.length)}px`;
      setText(head, lines.join('\n'));
    });
    this.refresh(this.axes);
    return LINE * rows * tiers;
  }

  refresh(axes: readonly Axis[]): void {
    axes.forEach((axis, i) => {
      const brush = this.store.ui.brushes.get(axis.key);
      const head = this.heads[i];
      head?.setAttribute(
        'aria-label',
        `${describe(axis, brush)}. Arrow keys move the brush, with Shift its end`,
      );
      head?.setAttribute('aria-pressed', String(brush !== undefined));
    });
  }

  dispose(): void {
    for (const head of this.heads) head.remove();
  }

  private made(index: number): HTMLButtonElement {
    const head = button('maggy-axis', '', () => this.toggle(index));
    head.addEventListener('keydown', event => this.pressed(event, index));
    this.host.append(head);
    return head;
  }

  private toggle(index: number): void {
    const axis = this.axes[index];
    if (!axis) return;
    const there = this.store.ui.brushes.get(axis.key);
    this.set(axis, there ? null : nudged(axis, undefined, 1, false));
  }

  private pressed(event: KeyboardEvent, index: number): void {
    const axis = this.axes[index];
    if (!axis || event.altKey || event.ctrlKey || event.metaKey) return;
    const brush = this.store.ui.brushes.get(axis.key);
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (up) this.set(axis, nudged(axis, brush, up, event.shiftKey));
    else if (aside) this.heads[index + aside]?.focus();
    else if (event.key === 'Escape') this.store.escape();
    else if (brush && ['Delete', 'Backspace'].includes(event.key)) this.set(axis, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private set(axis: Axis, brush: Brush | null): void {
    this.store.brush(axis.key, brush);
    const passing = this.store.state.trials.filter(trial => this.store.passes(trial)).length;
    this.speak(`${describe(axis, brush ?? undefined)}, ${passing} trials`);
  }
}

/** Of several objectives, with an arrow to where it is better. */
function nameOf({ name, better }: Axis): string {
  return plain(name, 60) + (better ? (better === 'low' ? ' ↓' : ' ↑') : '');
}

function describe(axis: Axis, brush: Brush | undefined): string {
  const better = axis.better ? `, ${axis.better === 'low' ? 'lower' : 'higher'} is better` : '';
  const name = plain(axis.name, 60) + (axis.log ? ', logarithmic' : '') + better;
  if (!brush) return `${name}, not brushed`;
  if ('choices' in brush) return `${name}, brushed: ${[...brush.choices].map(c => plain(c, 40)).join(', ')}`;
  return `${name}, brushed from ${short(brush.low)} to ${short(brush.high)}`;
}
