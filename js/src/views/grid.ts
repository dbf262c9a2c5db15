/** The rows of the table: as many elements as fit, used again for other trials while it scrolls. */

import type { Trial } from '../state';
import type { Store } from '../store';
import { type Column, gapOf, leastWidth, type Scale } from './columns';
import { Detail } from './detail';
import { h } from './dom';
import { Offsets, ROW } from './offsets';
import { Row, rowId } from './row';

const OVERSCAN = 6;
/** Pixels of rows, at most, before it scrolls; more where a row is opened. */
const TALL = 17.5 * ROW;
const TALLER = 25.5 * ROW;
const HEAD = 25;
/** Milliseconds of a frame that sparklines may take. */
const BUDGET = 4;
let grids = 0;

export class Grid {
  readonly element = h('div', 'maggy-grid', {
    role: 'grid',
    tabindex: 0,
    'aria-label': 'Trials',
  });
  order: Trial[] = [];
  private readonly body = h('div', 'maggy-body', { role: 'rowgroup' });
  private readonly store: Store;
  private readonly scale: () => Scale;
  private readonly prefix = `maggy-${++grids}`;
  private readonly bound = new Map<Trial, Row>();
  private readonly details = new Map<string, { detail: Detail; height: number }>();
  private readonly sizes = new ResizeObserver(entries => this.detailsSized(entries));
  private free: Row[] = [];
  private columns: Column[] = [];
  private offsets = new Offsets();
  private height = 0;
  private bodyHeight = -1;
  private scrolledAt = 0;
  private drawing: number | null = null;
  private pointed: Trial | null = null;
  /** How far the table scrolled by itself, so that the row under the pointer stays; undone afterwards. */
  private shifted = 0;
  private expected = 0;

  constructor(store: Store, scale: () => Scale) {
    this.store = store;
    this.scale = scale;
    this.element.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.element.addEventListener('pointerover', event => this.point(this.trialAt(event.target)));
    this.element.addEventListener('pointerleave', () => this.leave());
  }

  /** Starts over with other columns. */
  setColumns(head: HTMLElement, columns: Column[]): void {
    this.columns = columns;
    this.free = [];
    this.bound.clear();
    this.body.replaceChildren(...[...this.details.values()].map(({ detail }) => detail.element));
    this.element.replaceChildren(head, this.body);
    this.element.setAttribute('aria-colcount', String(columns.length));
    this.element.style.setProperty('--maggy-gap', `${gapOf(columns)}px`);
    const least = `${leastWidth(columns)}px`;
    head.style.minWidth = least;
    this.body.style.minWidth = least;
    this.layOut();
  }

  /** Shows these trials. Where a person is at a row, that row stays where it is. */
  setOrder(order: Trial[], stay: boolean): void {
    const anchor = stay ? this.anchor() : null;
    this.order = order;
    this.element.setAttribute('aria-rowcount', String(order.length + 1));
    this.layOut(anchor);
    if (!stay) this.scrollTo(0);
  }

  /** Shows what changed in the rows that are there. */
  refresh(): void {
    for (const { detail } of this.details.values()) detail.update();
    this.render();
  }

  /** The page has other colours. */
  redraw(): void {
    for (const row of [...this.bound.values(), ...this.free]) row.drawn = false;
    this.render();
  }

  get openDetails(): Detail[] {
    return [...this.details.values()].map(({ detail }) => detail);
  }

  toggle(trial: Trial): void {
    const known = this.details.get(trial.id);
    if (known) {
      this.sizes.unobserve(known.detail.element);
      known.detail.element.remove();
      this.details.delete(trial.id);
    } else {
      const detail = new Detail(this.store, trial);
      this.details.set(trial.id, { detail, height: 0 });
      this.body.append(detail.element);
      this.sizes.observe(detail.element);
    }
    this.layOut(null, true);
  }

  /** Scrolls as little as needed for the trial's row to be seen; to the middle where it was far off. */
  reveal(trial: Trial): void {
    const index = this.order.indexOf(trial);
    if (index < 0) return;
    const top = this.offsets.top(index);
    const { scrollTop } = this.element;
    const room = this.height - HEAD - ROW;
    if (top >= scrollTop && top <= scrollTop + room) return;
    const near = top >= scrollTop - 2 * ROW && top <= scrollTop + room + 2 * ROW;
    this.scrollTo(near ? (top < scrollTop ? top : top - room) : top - room / 2);
    this.render();
  }

  /** The trial of the row, or opened row, that the element is in. */
  trialAt(target: EventTarget | null): Trial | null {
    const row = target instanceof Element ? target.closest('.maggy-row') : null;
    for (const [trial, { element }] of this.bound) if (element === row) return trial;
    return null;
  }

  /** How many rows a page is. */
  get page(): number {
    return Math.max(1, Math.floor((this.height - HEAD) / ROW) - 1);
  }

  resized(): void {
    this.element.style.setProperty('--maggy-view', `${this.element.clientWidth}px`);
    this.layOut(this.anchor());
  }

  dispose(): void {
    this.sizes.disconnect();
    this.store.hover(null);
    if (this.drawing !== null) cancelAnimationFrame(this.drawing);
  }

  private point(trial: Trial | null): void {
    this.pointed = trial;
    this.store.hover(trial?.id ?? null);
  }

  private leave(): void {
    this.point(null);
    const back = this.shifted > 0 && Math.abs(this.element.scrollTop - this.expected) < 1;
    const top = back ? Math.max(0, this.expected - this.shifted) : null;
    this.shifted = 0;
    this.layOut(top === null ? this.anchor() : null);
    if (top !== null) this.scrollTo(top);
  }

  /** The row that must not move: under the pointer, or with the focus, or the first where it is scrolled. */
  private anchor(): { trial: Trial; offset: number } | null {
    const { scrollTop } = this.element;
    const focused = this.element.contains(document.activeElement) ? this.selectedRow() : null;
    const first = scrollTop > 0 ? (this.order[this.offsets.at(scrollTop)] ?? null) : null;
    const trial = this.pointed ?? focused ?? first;
    const index = trial ? this.order.indexOf(trial) : -1;
    return trial && index >= 0 ? { trial, offset: this.offsets.top(index) - scrollTop } : null;
  }

  private selectedRow(): Trial | null {
    const trial = this.store.state.byId.get(this.store.ui.selected ?? '');
    return trial && this.bound.has(trial) ? trial : null;
  }

  private layOut(anchor: { trial: Trial; offset: number } | null = null, grow = false): void {
    const opened = [...this.details].map(([id, { height }]): [number, number] => {
      const trial = this.store.state.byId.get(id);
      return [trial ? this.order.indexOf(trial) : -1, height];
    });
    this.offsets = new Offsets(
      this.order.length,
      opened.filter(([index]) => index >= 0),
    );
    this.setHeights(grow);
    if (anchor) this.keep(anchor);
    this.render();
  }

  private setHeights(grow: boolean): void {
    const { total } = this.offsets;
    if (total !== this.bodyHeight) this.body.style.height = `${total}px`;
    this.bodyHeight = total;
    // Growing would leave no room to scroll, and so to keep the row under the pointer in its place.
    if (this.pointed && !grow && this.height > HEAD + ROW) return;
    const height = HEAD + Math.max(2 * ROW, Math.min(total, this.details.size ? TALLER : TALL));
    if (height === this.height) return;
    this.height = height;
    this.element.style.height = `${height + this.scrollbar()}px`;
  }

  /** The height of a horizontal scroll bar, where there is one. */
  private scrollbar(): number {
    const { element } = this;
    return leastWidth(this.columns) > element.clientWidth && element.clientWidth > 0 ? 16 : 0;
  }

  private keep(anchor: { trial: Trial; offset: number }): void {
    const index = this.order.indexOf(anchor.trial);
    if (index < 0) return;
    const { scrollTop } = this.element;
    const wanted = Math.max(0, this.offsets.top(index) - anchor.offset);
    if (Math.abs(wanted - scrollTop) < 1) return;
    if (this.pointed && (this.shifted > 0 || scrollTop === 0)) this.shifted += wanted - scrollTop;
    this.scrollTo(wanted);
  }

  private scrollTo(top: number): void {
    this.element.scrollTop = top;
    this.expected = this.element.scrollTop;
  }

  private scrolled(): void {
    this.scrolledAt = performance.now();
    this.render();
  }

  private render(): void {
    const { offsets, order, element } = this;
    const { scrollTop } = element;
    const first = Math.max(0, offsets.at(scrollTop) - OVERSCAN);
    const last = Math.min(order.length - 1, offsets.at(scrollTop + this.height) + OVERSCAN);
    this.release(new Set(order.slice(first, last + 1)));
    for (let index = first; index <= last; index++) {
      const trial = order[index];
      if (trial) this.showRow(trial, index);
    }
    for (const row of this.free) row.place(Number.NaN);
    this.placeDetails();
    this.pointToActive();
    this.drawing ??= requestAnimationFrame(() => this.draw());
  }

  /** Frees the rows of trials that are out of sight; never the one with the focus. */
  private release(visible: Set<Trial>): void {
    for (const [trial, row] of this.bound) {
      if (visible.has(trial) || row.element.contains(document.activeElement)) continue;
      this.bound.delete(trial);
      this.free.push(row);
    }
  }

  private showRow(trial: Trial, index: number): void {
    const { ui } = this.store;
    const row = this.bound.get(trial) ?? this.free.pop() ?? this.newRow();
    this.bound.set(trial, row);
    const [selected, hovered, open] = [
      ui.selected === trial.id,
      ui.hovered === trial.id,
      this.details.has(trial.id),
    ];
    row.show(trial, { selected, hovered, open, index }, this.scale());
    row.place(this.offsets.top(index));
    row.hideStale();
  }

  private newRow(): Row {
    const row = new Row(this.store, this.columns, this.prefix);
    this.body.append(row.element);
    return row;
  }

  private placeDetails(): void {
    for (const { detail } of this.details.values()) {
      const index = this.order.indexOf(detail.trial);
      detail.element.hidden = index < 0;
      detail.element.style.transform = `translateY(${this.offsets.top(Math.max(0, index)) + ROW}px)`;
    }
  }

  private pointToActive(): void {
    const trial = this.selectedRow();
    if (trial) this.element.setAttribute('aria-activedescendant', rowId(this.prefix, trial));
    else this.element.removeAttribute('aria-activedescendant');
  }

  private detailsSized(entries: ResizeObserverEntry[]): void {
    for (const entry of entries) {
      const known = [...this.details.values()].find(({ detail }) => detail.element === entry.target);
      if (known) known.height = Math.ceil(entry.borderBoxSize[0]?.blockSize ?? entry.contentRect.height);
    }
    this.layOut(this.anchor(), true);
  }

  /** Draws sparklines when the scrolling rests, a few in each frame. */
  private draw(): void {
    this.drawing = null;
    const stale = [...this.bound.values()].filter(row => !row.drawn);
    if (!stale.length) return;
    const start = performance.now();
    if (start - this.scrolledAt > 60)
      for (const row of stale) {
        if (performance.now() - start > BUDGET) break;
        row.draw(this.scale());
      }
    this.drawing = requestAnimationFrame(() => this.draw());
  }
}
