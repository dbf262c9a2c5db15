/** The trials: filtered, sorted, opened, stopped. */

import { watchTheme } from '../charts/theme';
import { plain, show, showNumber } from '../format';
import { axisName, METRIC } from '../keys';
import { metricName } from '../objectives';
import { kindOf, type State, type Trial } from '../state';
import type { Brush, Store } from '../store';
import { announcer } from './announce';
import { type Column, columnsFor, type Scale } from './columns';
import { button, type Context, digitWidth, every, h, setHidden, setText } from './dom';
import { Grid } from './grid';
import { orderTrials, scaleOf } from './rows';
import { overviewOf } from './summary';

/** Milliseconds between two looks at all trials, where there are so many that a look takes its time. */
const MANY = 2000;
const PATIENCE = 1000;

export function renderTable({ store, el }: Context): () => void {
  const table = new Table(store, el);
  return () => table.dispose();
}

class Table {
  private readonly store: Store;
  private readonly el: HTMLElement;
  private readonly grid: Grid;
  private readonly bar: ReturnType<typeof toolbar>;
  private readonly empty = h('p', 'maggy-no-trials maggy-muted');
  private readonly news = announcer();
  private readonly ends: (() => void)[];
  private columns: Column[] = [];
  private parts: readonly unknown[] = [];
  private scale: Scale = { decimals: 3, further: [], longest: 0, low: 0, high: 0 };
  private width = 0;
  private character = 7.3;
  private digits = 1;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private shape = '';
  private chosen = '';
  private selected: string | null;

  constructor(store: Store, el: HTMLElement) {
    this.store = store;
    this.el = el;
    this.selected = store.ui.selected;
    this.grid = new Grid(store, () => this.scale);
    this.bar = toolbar(store);
    el.append(this.bar.element, this.grid.element, this.empty, this.news.element);
    const { element } = this.grid;
    element.addEventListener('click', event => this.clicked(event));
    element.addEventListener('keydown', event => this.pressed(event));
    const resize = new ResizeObserver(() => this.resized());
    resize.observe(el);
    this.ends = [
      store.subscribe(change => this.changed(change.state)),
      every(1000, () => this.ticked()),
      every(2000, () => this.readLogs()),
      () => resize.disconnect(),
      watchTheme(el, () => this.grid.redraw()),
    ];
    this.resized();
  }

  dispose(): void {
    for (const end of this.ends) end();
    this.grid.dispose();
    this.el.replaceChildren();
  }

  private resized(): void {
    const { paddingLeft, paddingRight } = getComputedStyle(this.el);
    const padding = (Number.parseFloat(paddingLeft) || 0) + (Number.parseFloat(paddingRight) || 0);
    this.width = (this.el.clientWidth || 1000) - padding;
    this.character = digitWidth(this.el);
    this.makeColumns();
    this.changed(true);
    this.grid.resized();
  }

  private changed(state: boolean): void {
    const { ui, state: search } = this.store;
    const digits = String(search.trials.length).length;
    const shape = [search.parameters, search.objectives];
    if (shape.some((part, i) => part !== this.parts[i]) || this.digits !== digits) this.makeColumns();
    this.parts = shape;
    this.digits = digits;
    const chosen = JSON.stringify([
      ui.filter,
      ui.sort,
      [...ui.brushes.keys()],
      [...ui.brushes.values()].map(brushText),
    ]);
    const now = performance.now();
    if (chosen !== this.chosen) this.look(now, false);
    else if (state && (this.store.state.trials.length < MANY || now - this.lookedAt > PATIENCE))
      this.look(now, true);
    else this.grid.refresh();
    this.chosen = chosen;
    if (ui.selected !== this.selected) this.follow();
    this.news.update(this.store.state, now);
  }

  /** Looks at all trials anew. */
  private look(now: number, stay: boolean): void {
    this.lookedAt = now;
    this.scale = scaleOf(this.store);
    const column = this.columns.find(({ name }) => name === this.store.ui.sort.column);
    this.grid.setOrder(orderTrials(this.store, column), stay);
    this.grid.refresh();
    this.markHeads();
    this.bar.update(this.grid.order.length);
    this.sayEmpty();
  }

  private makeColumns(): void {
    const columns = columnsFor(this.store, this.width, this.character, () => this.scale);
    const shape = JSON.stringify([columns, this.store.state.parameters]);
    if (shape === this.shape) return;
    this.shape = shape;
    this.columns = columns;
    this.grid.setColumns(this.heads(), columns);
    this.markHeads();
  }

  private heads(): HTMLElement {
    const cells = this.columns.map((column, i) => headCell(this.store, column, i));
    const heads = h('div', 'maggy-heads', { role: 'row', 'aria-rowindex': 1 }, ...cells);
    heads.addEventListener('keydown', event => this.walkHeads(event, heads));
    return heads;
  }

  /** One stop for Tab; the arrows go from head to head. */
  private walkHeads(event: KeyboardEvent, heads: HTMLElement): void {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const buttons = [...heads.querySelectorAll('button')];
    const now = buttons.indexOf(event.target as HTMLButtonElement);
    if (by && now >= 0) buttons[(now + by + buttons.length) % buttons.length]?.focus();
  }

  private markHeads(): void {
    const { sort } = this.store.ui;
    const cells = this.grid.element.querySelectorAll<HTMLElement>('.maggy-heads > *');
    this.columns.forEach((column, i) => {
      const cell = cells[i];
      if (!cell || !column.key) return;
      const now = column.name !== sort.column ? 'none' : sort.descending ? 'descending' : 'ascending';
      if (cell.getAttribute('aria-sort') === now) return;
      cell.setAttribute('aria-sort', now);
      cell.querySelector('button')?.setAttribute('tabindex', now === 'none' ? '-1' : '0');
    });
  }

  private sayEmpty(): void {
    const { store } = this;
    const none = this.grid.order.length === 0;
    setHidden(this.empty, !none);
    setHidden(this.grid.element, none && overviewOf(store.state).listed === 0);
    if (none) setText(this.empty, emptiness(store));
  }

  private ticked(): void {
    if (this.store.state.phase === 'RUNNING' || this.store.state.phase === 'STOPPING') this.changed(true);
  }

  private readLogs(): void {
    if (document.visibilityState === 'hidden' || this.store.connection.kind !== 'live') return;
    for (const detail of this.grid.openDetails) detail.poll();
  }

  /** Something was selected, here or elsewhere: its row is to be seen. */
  private follow(): void {
    this.selected = this.store.ui.selected;
    const trial = this.store.state.byId.get(this.selected ?? '');
    if (trial && !this.grid.element.matches(':hover')) this.grid.reveal(trial);
  }

  private clicked(event: MouseEvent): void {
    const trial = this.grid.trialAt(event.target);
    if (!trial || !(event.target instanceof Element)) return;
    const act = event.target.closest<HTMLElement>('[data-act]')?.dataset.act;
    if (act === 'stop') this.stop(trial);
    else {
      this.store.select(trial.id);
      if (act === 'open') this.grid.toggle(trial);
    }
  }

  private stop(trial: Trial): void {
    if (this.store.connection.kind !== 'live') return;
    if (kindOf(trial) !== 'running' || trial.status === 'STOPPING' || this.store.asked.has(trial.id)) return;
    this.store.request({ type: 'StopTrial', trial: trial.id, reason: 'stopped by hand' });
    this.grid.refresh();
  }

  private pressed(event: KeyboardEvent): void {
    const at = event.target instanceof Element ? event.target : null;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') this.escape();
    else if (at?.closest('button, pre, .maggy-detail')) return;
    else if (!this.move(event.key) && !this.act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private act(key: string): boolean {
    const trial = this.store.state.byId.get(this.store.ui.selected ?? '');
    if (!trial) return false;
    if (key === 'Enter') this.grid.toggle(trial);
    else if (key === 's' || key === 'S') this.stop(trial);
    else return false;
    return true;
  }

  private move(key: string): boolean {
    const { order, page } = this.grid;
    const by = new Map([
      ['ArrowDown', 1],
      ['ArrowUp', -1],
      ['PageDown', page],
      ['PageUp', -page],
      ['Home', -1e9],
      ['End', 1e9],
    ]).get(key);
    if (by === undefined || !order.length) return false;
    const now = order.findIndex(trial => trial.id === this.store.ui.selected);
    const next = now < 0 && Math.abs(by) < 1e9 ? 0 : Math.max(0, Math.min(order.length - 1, now + by));
    const trial = order[next];
    if (!trial) return false;
    this.store.select(trial.id);
    this.selected = trial.id;
    this.grid.reveal(trial);
    this.grid.refresh();
    return true;
  }

  /** The focus leaves an opened row. */
  private escape(): void {
    this.grid.element.focus({ preventScroll: true });
    this.store.escape();
  }
}

function headCell(store: Store, column: Column, index: number): HTMLElement {
  const cell = h('div', 'maggy-cell maggy-head-cell', { role: 'columnheader', 'aria-colindex': index + 1 });
  if (column.width === null) cell.classList.add('maggy-c-note');
  else cell.style.width = `${column.width}px`;
  if (column.right) cell.classList.add('maggy-right');
  if (!column.title) cell.setAttribute('aria-label', column.name);
  else if (column.key) {
    const sort = button('maggy-sort', column.title, () => store.setSort(column.name));
    sort.title = `Sort by ${column.title}`;
    cell.append(sort);
  }
  return cell;
}

/** Filter box, brushes, and how many trials pass. */
function toolbar(store: Store) {
  const input = h('input', 'maggy-input maggy-filter', {
    type: 'search',
    placeholder: 'Filter, e.g. adam kernel>4 failed',
    'aria-label': 'Filter trials',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  input.addEventListener('input', () => store.setFilter(input.value));
  input.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !input.value) return;
    input.value = '';
    store.setFilter('');
  });
  const brushes = h('span', 'maggy-brushes');
  const count = h('span', 'maggy-count maggy-small maggy-muted', { role: 'status' });
  const title = h('span', 'maggy-part-title', { role: 'heading', 'aria-level': 3 }, 'Trials');
  let shown = '';

  function update(passing: number): void {
    const { ui, state } = store;
    if (document.activeElement !== input && input.value !== ui.filter) input.value = ui.filter;
    const texts = [...ui.brushes].map(([axis, brush]) => `${nameOf(axis, state)} ${brushText(brush)}`);
    if (texts.join('\n') !== shown)
      brushes.replaceChildren(...[...ui.brushes.keys()].map((axis, i) => chip(store, axis, texts[i] ?? '')));
    shown = texts.join('\n');
    const all = overviewOf(state).listed;
    const noun = all === 1 ? 'trial' : 'trials';
    setText(count, passing === all ? `${all} ${noun}` : `${passing} of ${all} ${noun}`);
  }
  return { element: h('div', 'maggy-toolbar', {}, title, input, brushes, count), update };
}

function chip(store: Store, axis: string, text: string): HTMLElement {
  const cross = button('maggy-cross', '✕', () => store.brush(axis, null));
  cross.setAttribute('aria-label', `Clear the brush on ${nameOf(axis, store.state)}`);
  return h('span', 'maggy-brush-chip', {}, text, cross);
}

function nameOf(axis: string, state: State): string {
  return plain(axis === METRIC ? metricName(state) : axisName(axis), 40);
}

/** "3.0e-4 to 9.0e-3"; "adam, sgd". */
function brushText(brush: Brush): string {
  return 'choices' in brush
    ? plain([...brush.choices].join(', '), 60)
    : `${showNumber(brush.low)} to ${showNumber(brush.high)}`;
}

function emptiness(store: Store): string {
  if (!overviewOf(store.state).listed)
    return store.state.end ? 'There were no trials.' : 'There is no trial yet.';
  const unknown = store.unknownWords();
  const names = [metricName(store.state), ...store.state.parameters.map(parameter => parameter.name)].slice(
    0,
    4,
  );
  const example = names.map(name => plain(show(name), 20)).join(', ');
  if (!unknown.length) return 'No trial passes all of the filter and the brushes.';
  const words = unknown.map(word => `“${plain(word, 30)}”`).join(', ');
  return `No trial matches ${words}. Words match how a trial stands, its categories and its note; numbers compare by name: ${example}.`;
}
