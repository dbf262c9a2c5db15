/** One search as the browser sees it: its state, the link to the experiment, and what the person chose. */

import type { Request } from './contract';
import { type Filter, readFilter } from './filter';
import { labelOf } from './format';
import { axisName, METRIC } from './keys';
import { type Connection, Link, type ModelCalls } from './link';
import { furtherWith, toldOf } from './objectives';
import type { State, Trial } from './state';

export type { Connection, ModelCalls };

/** What an axis lets through: numbers in data units, both ends included, or categories as shown. */
export type Brush = { low: number; high: number } | { choices: Set<string> };
export interface Change {
  state: boolean;
  ui: boolean;
}
export interface Sort {
  column: string;
  descending: boolean;
}
export interface Ui {
  selected: string | null;
  hovered: string | null;
  filter: string;
  /** By the axis: METRIC, a further objective's key or a hyperparameter's. */
  brushes: Map<string, Brush>;
  sort: Sort;
}

export class Store {
  readonly ui: Ui = {
    selected: null,
    hovered: null,
    filter: '',
    brushes: new Map(),
    sort: { column: 'trial', descending: true },
  };
  /** What could not be done, in words; null where nothing is to be said. */
  notice: string | null = null;
  /** Trials that were told to stop and have not answered yet. */
  readonly asked = new Set<string>();

  private readonly link: Link;
  private readonly logs = new Map<string, { text: string; missing: number }>();
  private readonly listeners = new Set<(change: Change) => void>();
  private change: Change = { state: false, ui: false };
  private frame: number | null = null;
  private filter: Filter | null = null;
  private known: State | null = null;
  private passed: (boolean | undefined)[] = [];
  private revisions: number[] = [];
  private passedBest: Trial | null = null;
  private readonly onSelected = (): void => this.readSelected();
  private readonly onHint = (): void => this.mark('ui');

  private readonly model: ModelCalls;

  constructor(model: ModelCalls) {
    this.model = model;
    this.link = new Link(model, {
      changed: () => this.stateChanged(),
      log: (id, log) => {
        this.logs.set(id, log);
        this.mark('ui');
      },
      refused: reason => {
        this.asked.clear();
        this.notice = reason;
        this.mark('ui');
      },
    });
    model.on('change:selected', this.onSelected);
    model.on('change:hint', this.onHint);
    this.readSelected();
  }

  get state(): State {
    return this.link.state;
  }

  get connection(): Connection {
    return this.link.connection;
  }

  /** What the kernel wants a person to know about this view; '' for nothing. */
  get hint(): string {
    const hint = this.model.get('hint');
    return typeof hint === 'string' && this.connection.kind === 'live' ? hint : '';
  }

  /** The driver's clock, in seconds since the epoch. */
  now(): number {
    return this.link.now();
  }

  /** Whether the filter and all brushes let the trial through. */
  passes(trial: Trial): boolean {
    if (this.passedBest !== this.state.best) this.forget();
    this.passedBest = this.state.best;
    const known = this.passed[trial.number];
    if (known !== undefined && this.revisions[trial.number] === trial.revision) return known;
    this.revisions[trial.number] = trial.revision;
    const passes = this.brushed(trial) && this.filtered().test(trial);
    this.passed[trial.number] = passes;
    return passes;
  }

  /** Words of the filter that match nothing. */
  unknownWords(): string[] {
    return this.filtered().unknown();
  }

  /** Calls back after changes, at most once per animation frame. Returns what ends that. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  select(id: string | null): void {
    if (id === this.ui.selected) return;
    this.ui.selected = id;
    this.mark('ui');
    // Only where the model has the trait; null and undefined say that it has not.
    if (typeof this.model.get('selected') !== 'string') return;
    this.model.set('selected', id ?? '');
    this.model.save_changes();
  }

  hover(id: string | null): void {
    if (id === this.ui.hovered) return;
    this.ui.hovered = id;
    this.mark('ui');
  }

  brush(axis: string, brush: Brush | null): void {
    if (brush) this.ui.brushes.set(axis, brush);
    else if (!this.ui.brushes.delete(axis)) return;
    this.forget();
    this.mark('ui');
  }

  /** What Escape does, wherever it is pressed: lets go of the selection; where there is none, of all brushes. */
  escape(): void {
    this.hover(null);
    if (this.ui.selected !== null) this.select(null);
    else for (const axis of [...this.ui.brushes.keys()]) this.brush(axis, null);
  }

  setFilter(text: string): void {
    this.ui.filter = text;
    this.filter = null;
    this.forget();
    this.mark('ui');
  }

  /** Sorts by a column; by the same one again: the other way round. */
  setSort(column: string): void {
    const { sort } = this.ui;
    const again = sort.column === column;
    this.ui.sort = { column, descending: again ? !sort.descending : this.descendsFirst(column) };
    this.mark('ui');
  }

  request(request: Request): void {
    if (request.type === 'StopTrial') this.asked.add(request.trial);
    if (request.type !== 'ReadLog' && request.type !== 'Sync') this.notice = null;
    this.link.send(request);
    this.mark('ui');
  }

  /** The end of a trial's log, as far as it was asked for. */
  log(id: string): { text: string; missing: number } | undefined {
    return this.logs.get(id);
  }

  dismissNotice(): void {
    this.notice = null;
    this.mark('ui');
  }

  /** The way to the experiment is cut; what was seen stays. */
  disconnected(reason: string): void {
    this.link.lose(reason);
  }

  dispose(): void {
    this.link.dispose();
    this.model.off('change:selected', this.onSelected);
    this.model.off('change:hint', this.onHint);
    this.listeners.clear();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
  }

  /** The newest and the best first. */
  private descendsFirst(column: string): boolean {
    if (column === METRIC) return this.state.settings?.direction !== 'min';
    return column === 'trial' || furtherWith(column, this.state)?.direction === 'max';
  }

  private stateChanged(): void {
    // A new snapshot is a new state.
    if (this.known !== this.state) {
      this.filter = null;
      this.forget();
    }
    this.known = this.state;
    for (const id of this.asked) if (this.state.byId.get(id)?.status !== 'RUNNING') this.asked.delete(id);
    this.mark('state');
  }

  private readSelected(): void {
    const selected = this.model.get('selected');
    if (typeof selected !== 'string' || (selected || null) === this.ui.selected) return;
    this.ui.selected = selected || null;
    this.mark('ui');
  }

  private filtered(): Filter {
    this.filter ??= readFilter(this.ui.filter, this.state);
    return this.filter;
  }

  private brushed(trial: Trial): boolean {
    for (const [axis, brush] of this.ui.brushes) {
      const name = axisName(axis);
      const further = furtherWith(axis, this.state);
      const value = axis === METRIC || further ? toldOf(trial, further?.index ?? 0) : trial.params[name];
      const parameter = this.state.parameters.find(one => one.name === name);
      const inside =
        'choices' in brush
          ? parameter !== undefined && value !== undefined && brush.choices.has(labelOf(parameter, value))
          : typeof value === 'number' && value >= brush.low && value <= brush.high;
      if (!inside) return false;
    }
    return true;
  }

  private forget(): void {
    this.passed = [];
  }

  private mark(what: keyof Change): void {
    this.change[what] = true;
    this.frame ??= requestAnimationFrame(() => this.notify());
  }

  private notify(): void {
    const { change } = this;
    this.frame = null;
    this.change = { state: false, ui: false };
    for (const listener of [...this.listeners]) listener(change);
  }
}
