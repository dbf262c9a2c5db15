/** Parallel axes: a line for each trial, coloured by its metric; a drag along any axis brushes it. */

import { Axes } from '../charts/axes';
import { extents } from '../charts/axis';
import { Ledger } from '../charts/ledger';
import { inscribe, setFont } from '../charts/paper';
import { bestRows, drawAxis, drawBrush, drawFurtherAxis, drawLegend } from '../charts/parallelaxes';
import { ParallelPlot } from '../charts/parallelplot';
import { Pulses } from '../charts/pulses';
import { Quiet } from '../charts/quiet';
import { type Layer, Stage } from '../charts/stage';
import { readTheme, watchTheme } from '../charts/theme';
import { type Note, Tooltip } from '../charts/tooltip';
import { noteOn, summary } from '../charts/words';
import { kindOf, type Trial } from '../state';
import type { Change, Store } from '../store';
import { AxisHeads } from './axisheads';
import { BrushDrag } from './brushdrag';
import { Pane } from './pane';
import { ParallelKeys } from './parallelkeys';
import type { SpaceShell } from './space';

/** The narrowest gap between axes; more of them scroll. */
const NARROWEST = 46;
const MARGIN = { left: 44, top: 18, right: 40, bottom: 14 };
/** Of a narrower chart the best's label stands in two rows. */
const NARROW = 480;
const MOST_FRONT = 100;

export class Parallel {
  private readonly store: Store;
  private readonly shell: SpaceShell;
  private readonly axes: Axes;
  private readonly plot: ParallelPlot;
  private readonly stage: Stage;
  private readonly quiet: Quiet;
  private readonly ledger: Ledger;
  private readonly heads: AxisHeads;
  private readonly pane: Pane;
  private readonly tooltip: Tooltip;
  private readonly pulses: Pulses;
  private readonly drag: BrushDrag;
  private readonly ends: AbortController = new AbortController();
  private readonly done: (() => void)[];
  private theme;
  /** Pixels right of the metric's axis. */
  private room = 0;
  /** Where the pointer or the keys are; null where another part of the view hovers. */
  private pointer: { x: number; y: number } | null = null;

  constructor(store: Store, shell: SpaceShell) {
    this.store = store;
    this.shell = shell;
    const { plot } = shell;
    this.theme = readTheme(plot);
    this.axes = new Axes(store);
    this.plot = new ParallelPlot(this.axes, () => this.theme);
    this.stage = new Stage(plot, (layer, resized) => this.draw(layer, resized));
    this.ledger = new Ledger(store);
    this.quiet = new Quiet(this.stage, raster => {
      this.ledger.ended();
      return this.plot.quiet(raster, store.state.trials, trial => store.passes(trial));
    });
    this.pane = new Pane(plot);
    this.heads = new AxisHeads(plot, store, text => shell.speak(text));
    this.pulses = new Pulses(plot);
    this.tooltip = new Tooltip(plot);
    this.drag = new BrushDrag(store, this.plot);
    const keys = new ParallelKeys(store, this.plot, (trial, axis) => this.moveTo(trial, axis));
    this.listen(keys);
    this.done = [
      store.subscribe(change => this.changed(change)),
      watchTheme(plot, () => this.themeChanged()),
    ];
    this.changed({ state: true, ui: true });
    this.stage.start();
  }

  dispose(): void {
    for (const end of this.done) end();
    this.ends.abort();
    this.heads.dispose();
    this.pane.dispose();
    this.pulses.dispose();
    this.tooltip.dispose();
    this.stage.dispose();
    this.shell.plot.style.minWidth = '';
    this.shell.plot.style.cursor = '';
  }

  private listen(keys: ParallelKeys): void {
    const { plot } = this.shell;
    const { signal } = this.ends;
    plot.addEventListener('pointerdown', event => this.pressed(event), { signal });
    plot.addEventListener('pointermove', event => this.pointed(event), { signal });
    plot.addEventListener('pointerup', event => this.released(event), { signal });
    plot.addEventListener('pointercancel', () => this.drag.cancel(), { signal });
    plot.addEventListener('pointerleave', () => this.leave(), { signal });
    plot.addEventListener('keydown', event => event.target === plot && keys.pressed(event), { signal });
  }

  private themeChanged(): void {
    this.theme = readTheme(this.shell.plot);
    this.quiet.redraw();
    this.stage.invalidate('live', 'top');
  }

  private changed(change: Change): void {
    if (change.state) this.takeState();
    const filtered = change.ui && this.ledger.filtered();
    if (filtered) this.quiet.redraw();
    if (filtered) this.heads.refresh(this.plot.axes);
    if (change.state || filtered || this.ledger.selected()) this.stage.invalidate('live');
    this.stage.invalidate('top');
  }

  private takeState(): void {
    const { state } = this.store;
    const replaced = this.ledger.replaced();
    const changed = this.axes.refresh();
    if (replaced || changed) this.rebuild(replaced);
    const add = this.ledger.ended();
    if (add.length + this.plot.crowd > 2 * Math.max(16, this.plot.crowd)) this.rebuild();
    else for (const trial of add) this.quiet.add(r => this.plot.addQuiet(r, trial, this.store.passes(trial)));
    this.shell.describe(summary(state, 'Hyperparameters'));
    this.shell.say(this.nothing());
  }

  private rebuild(anew = false): void {
    this.plot.take();
    this.shell.plot.style.minWidth = `${(this.plot.axes.length - 1) * NARROWEST + MARGIN.left + MARGIN.right}px`;
    this.layOut();
    this.quiet.redraw(anew);
  }

  private nothing(): string {
    const { state } = this.store;
    if (!state.settings) return '';
    if (state.parameters.length === 0) return 'This search has no hyperparameters.';
    return state.trials.some(trial => trial.start !== null) ? '' : 'Trials appear here when they start.';
  }

  private draw(layer: Layer, resized: boolean): void {
    if (resized && layer === 'quiet') {
      // Before it was put into the page, it had no colours.
      this.theme = readTheme(this.shell.plot);
      this.plot.take();
      this.layOut();
      this.quiet.redraw(true);
    }
    if (layer === 'quiet') this.quiet.paint();
    if (layer === 'live') this.drawLive();
    if (layer === 'top') this.drawTop();
    this.pane.copy(this.stage);
  }

  private layOut(): void {
    const { width, height, ratio } = this.stage;
    const context = this.stage.raw('live');
    this.room = this.beside(context);
    const right = Math.max(MARGIN.left + 20, width - this.room);
    const bottom = Math.max(60, height - MARGIN.bottom - this.plot.below);
    this.plot.box = { left: MARGIN.left, top: MARGIN.top, right, bottom };
    this.plot.ratio = ratio;
    this.pane.layOut(this.plot.axisX(this.plot.metricAt) - 26, this.stage);
    const heads = this.heads.place(this.plot, width, context, this.theme, this.pane);
    this.plot.box.top += heads;
  }

  /** Whether the best's label is to be a narrow one: in a narrow chart, and between two axes. */
  private get inRows(): boolean {
    return this.stage.width < NARROW || (this.axes.further.length > 0 && this.plot.gap < 100);
  }

  /** The pixels that the labels right of the metric's axis take. */
  private beside(context: CanvasRenderingContext2D | null): number {
    const { best } = this.store.state;
    if (this.axes.further.length > 0) return MARGIN.right;
    if (!context || !best) return 76;
    const rows = bestRows(best, this.axes, this.inRows);
    setFont(context, this.theme, true);
    const widest = Math.max(MARGIN.right, ...rows.map(row => 18 + context.measureText(row).width));
    return 8 * Math.ceil(widest / 8);
  }

  private drawLive(): void {
    const context = this.stage.wiped('live');
    if (!context || this.plot.axes.length < 2) return;
    const { state, ui } = this.store;
    if (this.beside(context) !== this.room) this.rebuild();
    const selected = state.byId.get(ui.selected ?? '') ?? null;
    const { best } = state;
    const running = state.trials.filter(trial => kindOf(trial) === 'running');
    if (selected) this.plot.stroke(context, selected, 8, this.theme.css.halo);
    const many = this.plot.outside > 200;
    for (const trial of running)
      if (this.store.passes(trial)) this.plot.stroke(context, trial, 1.8);
      else if (!many) this.plot.stroke(context, trial, 1, this.theme.css.faint);
    for (const trial of this.front) this.plot.stroke(context, trial, 1.6);
    if (selected) this.plot.stroke(context, selected, 2);
    if (best) this.plot.stroke(context, best, 3);
    this.drawAxes(context);
    const marked = running.filter(trial => this.store.passes(trial));
    for (const trial of marked) this.plot.markEnd(context, trial, 4, false);
    for (const trial of this.front) this.plot.markFront(context, trial, 4);
    if (selected && selected !== best) this.plot.markEnd(context, selected, 5, false);
    if (best) this.plot.markEnd(context, best, 5.5, true);
    if (selected) this.nameLine(context, selected);
    this.pulses.show(marked.flatMap(trial => pair(this.plot.end(trial))));
  }

  /** The trials on the Pareto front that pass; none of so many that they would cover all others. */
  private get front(): readonly Trial[] {
    const { trials } = this.store.state.front;
    return trials.length > MOST_FRONT ? [] : trials.filter(trial => this.store.passes(trial));
  }

  private drawAxes(context: CanvasRenderingContext2D): void {
    const { axes } = this.plot;
    for (const [i, axis] of axes.entries()) {
      if (i === this.plot.metricAt)
        drawLegend(context, this.plot, this.axes, this.theme, this.store.state.best, this.inRows);
      else if (i > this.plot.metricAt) drawFurtherAxis(context, this.plot, axis, i, this.theme);
      else drawAxis(context, this.plot, axis, i, this.theme);
      const brush = this.store.ui.brushes.get(axis.key);
      if (brush) drawBrush(context, this.plot, i, extents(axis, brush), brush, this.theme);
    }
  }

  /** The number of a trial beside its line, half-way between the two axes in the middle. */
  private nameLine(context: CanvasRenderingContext2D, trial: Trial): void {
    const count = this.plot.trace(trial);
    const at = Math.floor(count / 2);
    const [x, y] = [this.plot.points[2 * at] ?? 0, this.plot.points[2 * at + 1] ?? Number.NaN];
    if (Number.isNaN(y)) return;
    inscribe(context, this.theme, `#${trial.number}`, x + 6, y - 10, {
      bold: true,
      colour: this.theme.css.text,
    });
  }

  private drawTop(): void {
    const context = this.stage.wiped('top');
    if (!context) return;
    const { state, ui } = this.store;
    const trial = state.byId.get(ui.hovered ?? '');
    if (!trial || trial.start === null || this.plot.axes.length < 2) {
      this.tooltip.hide();
      return;
    }
    if (trial.id !== ui.selected) this.plot.stroke(context, trial, 6, this.theme.css.paper);
    this.plot.stroke(context, trial, 2.8);
    this.plot.markEnd(context, trial, 5, trial === state.best);
    if (!this.pointer || this.drag.active) {
      this.nameLine(context, trial);
      this.tooltip.hide();
      return;
    }
    this.tooltip.show(this.noteOf(trial), this.pointer.x, this.pointer.y);
  }

  private noteOf(trial: Trial): Note {
    return noteOn(trial, this.store.state, this.axes.scale);
  }

  private place(event: PointerEvent): { x: number; y: number } {
    const { left, top } = this.shell.plot.getBoundingClientRect();
    const shift = event.target === this.pane.element ? this.pane.shift : 0;
    return { x: event.clientX - left + shift, y: event.clientY - top };
  }

  private pressed(event: PointerEvent): void {
    const { x, y } = this.place(event);
    const here = event.target === this.shell.plot || event.target === this.pane.element;
    if (event.button !== 0 || !here || !this.drag.begin(x, y)) return;
    this.shell.plot.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.shell.plot.focus({ preventScroll: true });
  }

  private pointed(event: PointerEvent): void {
    const { x, y } = this.place(event);
    if (this.drag.move(y)) return;
    const { best } = this.store.state;
    const favour = (trial: Trial) => {
      if (trial === best || trial.id === this.store.ui.selected) return 3;
      return this.store.passes(trial) ? 0 : -6;
    };
    const trial = this.plot.hit(x, y, this.store.state.trials, favour);
    this.shell.plot.style.cursor = this.drag.cursorAt(x, y) ?? (trial ? 'pointer' : '');
    const shift = event.target === this.pane.element ? this.pane.shift : 0;
    this.pointer = trial ? { x: x - shift, y } : null;
    this.store.hover(trial?.id ?? null);
    this.stage.invalidate('top');
  }

  /** A drag has brushed; a click clears the brush under it, else selects. */
  private released(event: PointerEvent): void {
    if (event.button !== 0 || this.drag.end() !== 'click') return;
    const { hovered, selected } = this.store.ui;
    this.store.select(hovered === selected ? null : hovered);
  }

  private moveTo(trial: Trial | null, axis: number): void {
    this.pointer = trial
      ? { x: this.plot.axisX(axis), y: this.plot.heightsOf(trial)[axis] ?? this.plot.box.top }
      : null;
    this.store.hover(trial?.id ?? null);
    this.stage.invalidate('top');
    if (!trial) return;
    const { title, strong, muted, words = [] } = this.noteOf(trial);
    this.shell.speak([title, strong, muted, ...words].filter(Boolean).join(', '));
  }

  private leave(): void {
    if (this.drag.active || !this.pointer) return;
    this.pointer = null;
    this.store.hover(null);
  }
}

function pair(point: { x: number; y: number } | null): [number, number][] {
  return point ? [[point.x, point.y]] : [];
}
