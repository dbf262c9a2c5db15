/** A scatter of two chosen hyperparameters, or one and the metric; a drag brushes both axes. */

import { Axes } from '../charts/axes';
import { ABSENT, type Axis, extents, titleOfAxis } from '../charts/axis';
import { brushBetween } from '../charts/brush';
import { drawFront, showsFront } from '../charts/front';
import { Ledger } from '../charts/ledger';
import { shortened } from '../charts/names';
import { inscribe, setFont } from '../charts/paper';
import { Pulses } from '../charts/pulses';
import { Quiet } from '../charts/quiet';
import { ScatterPlot, STRIP } from '../charts/scatterplot';
import { type Layer, Stage } from '../charts/stage';
import { readTheme, watchTheme } from '../charts/theme';
import { type Note, Tooltip } from '../charts/tooltip';
import { noteOn, summary } from '../charts/words';
import { plain } from '../format';
import { kindOf, type Trial } from '../state';
import type { Change, Store } from '../store';
import { setText } from './dom';
import { Pickers } from './pickers';
import type { SpaceShell } from './space';

const MARGIN = { left: 64, top: 26, right: 18, bottom: 36 };
const SLACK = 4;

type Point = { x: number; y: number };

export class Scatter {
  private readonly store: Store;
  private readonly shell: SpaceShell;
  private readonly axes: Axes;
  private readonly plot: ScatterPlot;
  private readonly stage: Stage;
  private readonly quiet: Quiet;
  private readonly ledger: Ledger;
  private readonly pickers: Pickers;
  private readonly tooltip: Tooltip;
  private readonly pulses: Pulses;
  private readonly ends = new AbortController();
  private readonly done: (() => void)[];
  private theme;
  private pointer: Point | null = null;
  private drag: { from: Point; to: Point; moved: boolean } | null = null;

  constructor(store: Store, shell: SpaceShell) {
    this.store = store;
    this.shell = shell;
    const { plot } = shell;
    this.theme = readTheme(plot);
    this.axes = new Axes(store);
    this.plot = new ScatterPlot(this.axes, () => this.theme);
    this.stage = new Stage(plot, (layer, resized) => this.draw(layer, resized));
    this.ledger = new Ledger(store);
    this.quiet = new Quiet(this.stage, raster => {
      this.ledger.ended();
      return this.plot.quiet(raster, store.state.trials, trial => store.passes(trial));
    });
    this.pickers = new Pickers(shell.tools, () => this.rebuild());
    this.pulses = new Pulses(plot);
    this.tooltip = new Tooltip(plot);
    this.listen();
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
    this.pickers.dispose();
    setText(this.shell.note, '');
    this.pulses.dispose();
    this.tooltip.dispose();
    this.stage.dispose();
    this.shell.plot.style.cursor = '';
  }

  private listen(): void {
    const { plot } = this.shell;
    const { signal } = this.ends;
    plot.addEventListener('pointerdown', event => this.pressed(event), { signal });
    plot.addEventListener('pointermove', event => this.pointed(event), { signal });
    plot.addEventListener('pointerup', event => this.released(event), { signal });
    plot.addEventListener('pointercancel', () => this.cancel(), { signal });
    plot.addEventListener('pointerleave', () => this.leave(), { signal });
    plot.addEventListener('keydown', event => this.key(event), { signal });
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
    if (change.state || filtered || this.ledger.selected()) this.stage.invalidate('live');
    this.stage.invalidate('top');
  }

  private takeState(): void {
    const { state } = this.store;
    const replaced = this.ledger.replaced();
    const changed = this.axes.refresh();
    if (replaced || changed) this.rebuild(replaced);
    const add = this.ledger.ended();
    if (add.length + this.plot.crowd > 2 * Math.max(16, this.plot.crowd)) this.quiet.redraw();
    else
      for (const trial of add)
        this.quiet.add(raster => this.plot.mark(raster, trial, this.store.passes(trial)));
    this.shell.describe(summary(state, 'Scatter'));
    const none = state.settings && this.axes.all.length < 2;
    this.shell.say(none ? 'This search has no hyperparameters.' : '');
    setText(this.shell.note, this.missing());
  }

  private rebuild(anew = false): void {
    const { all, parameters, further } = this.axes;
    // By themselves the metric is up; across is another objective, where there is one.
    const across = further.length > 0 ? parameters.length + 1 : 0;
    this.pickers.offer(
      all.map(axis => axis.name),
      [across, parameters.length],
    );
    this.plot.x = this.axisAt(this.pickers.x);
    this.plot.y = this.axisAt(this.pickers.y);
    this.plot.strength = showsFront(this.plot, this.store.state) ? 0.5 : 1;
    setText(this.shell.note, this.missing());
    this.layOut();
    this.quiet.redraw(anew);
    this.stage.invalidate('live', 'top');
  }

  /** Which trials are not to be seen, and why. */
  private missing(): string {
    const further = [this.plot.x, this.plot.y].find(axis => this.axes.further.includes(axis));
    const { STOPPED: stopped } = this.store.state.counts;
    if (!further || !stopped) return '';
    return `without ${stopped} stopped ${stopped === 1 ? 'trial' : 'trials'}, which told no ${plain(further.name, 40)}`;
  }

  private axisAt(index: number): Axis {
    return this.axes.all[index] ?? this.axes.metric;
  }

  private draw(layer: Layer, resized: boolean): void {
    if (resized && layer === 'quiet') {
      // Before it was put into the page, it had no colours.
      this.theme = readTheme(this.shell.plot);
      this.layOut();
      this.quiet.redraw(true);
    }
    if (layer === 'quiet') this.quiet.paint();
    if (layer === 'live') this.drawLive();
    if (layer === 'top') this.drawTop();
  }

  /** Beside an axis that trials may lack is a strip for them. */
  private layOut(): void {
    const { width, height, ratio } = this.stage;
    const left = MARGIN.left + (this.plot.x.optional ? STRIP : 0);
    const right = Math.max(left + 20, width - MARGIN.right);
    const bottom = Math.max(60, height - MARGIN.bottom - (this.plot.y.optional ? STRIP : 0));
    this.plot.box = { left, top: MARGIN.top, right, bottom };
    this.plot.ratio = ratio;
  }

  private drawLive(): void {
    const context = this.stage.wiped('live');
    if (!context || this.axes.all.length < 2) return;
    const { state, ui } = this.store;
    this.drawAxes(context);
    this.drawBrushes(context);
    const selected = state.byId.get(ui.selected ?? '');
    if (selected) this.plot.halo(context, selected);
    drawFront(context, this.plot, state, this.theme, trial => this.store.passes(trial));
    if (selected && selected !== state.best) this.plot.draw(context, selected, 5, false);
    const running = state.trials.filter(trial => kindOf(trial) === 'running' && this.store.passes(trial));
    for (const trial of running) this.plot.draw(context, trial, 4.5, false);
    if (state.best) this.plot.draw(context, state.best, 6, true);
    const points = running.map(trial => this.plot.point(trial)).filter(point => point !== null);
    this.pulses.show(points.map(({ x, y }) => [x, y] as const));
  }

  private drawAxes(context: CanvasRenderingContext2D): void {
    const { plot, theme } = this;
    const { left, right, bottom } = plot.box;
    const outside = {
      left: left - (plot.x.optional ? STRIP : 0),
      bottom: bottom + (plot.y.optional ? STRIP : 0),
    };
    setFont(context, theme);
    const [rows, columns] = [plot.rows(), plot.columns()];
    const labels = [...rows, ...columns].map(mark => mark.label);
    const cut = (text: string, room: number) =>
      shortened(text, labels, room, part => context.measureText(part).width);
    for (const { at, label } of rows)
      inscribe(context, theme, cut(label, outside.left - 14), outside.left - 8, plot.py(at), {
        align: 'right',
      });
    for (const { at, label } of columns)
      inscribe(context, theme, cut(label, 64), plot.px(at), outside.bottom + 16, { align: 'center' });
    if (plot.y.optional) inscribe(context, theme, ABSENT, outside.left - 8, plot.absentY, { align: 'right' });
    if (plot.x.optional)
      inscribe(context, theme, ABSENT, plot.absentX, outside.bottom + 16, { align: 'center' });
    const ink = { bold: true, colour: theme.css.text };
    inscribe(context, theme, titleOfAxis(plot.y), 0, 8, ink);
    inscribe(context, theme, titleOfAxis(plot.x), right, outside.bottom + 30, { ...ink, align: 'right' });
    context.fillStyle = theme.css.axis;
    context.fillRect(left, outside.bottom + 6, right - left, 1);
    if (plot.x.optional) context.fillRect(plot.absentX - 14, outside.bottom + 6, 28, 1);
  }

  private drawBrushes(context: CanvasRenderingContext2D): void {
    const { box, x, y } = this.plot;
    const { brushes } = this.store.ui;
    const [across, up] = [brushes.get(x.key), brushes.get(y.key)];
    if (!across && !up) return;
    const whole = [{ low: 0, high: 1 }];
    context.fillStyle = context.strokeStyle = this.theme.css.running;
    context.lineWidth = 1;
    context.setLineDash([]);
    for (const h of across ? extents(x, across) : whole)
      for (const v of up ? extents(y, up) : whole) {
        const [left, right] = [Math.max(box.left - 4, this.plot.px(h.low)), this.plot.px(h.high)];
        const [top, bottom] = [this.plot.py(v.high), this.plot.py(v.low)];
        this.rectangle(context, left, top, right, bottom);
      }
  }

  private rectangle(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
    context.globalAlpha = 0.08;
    context.fillRect(x0, y0, x1 - x0, y1 - y0);
    context.globalAlpha = 0.7;
    context.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
    context.globalAlpha = 1;
  }

  private drawTop(): void {
    const context = this.stage.wiped('top');
    if (!context) return;
    const { state, ui } = this.store;
    if (this.drag?.moved) {
      const { from, to } = this.drag;
      context.fillStyle = context.strokeStyle = this.theme.css.running;
      this.rectangle(
        context,
        Math.min(from.x, to.x),
        Math.min(from.y, to.y),
        Math.max(from.x, to.x),
        Math.max(from.y, to.y),
      );
      this.tooltip.hide();
      return;
    }
    const trial = state.byId.get(ui.hovered ?? '');
    const point = trial && this.plot.point(trial);
    if (!trial || !point) {
      this.tooltip.hide();
      return;
    }
    this.plot.draw(context, trial, 6.5, trial === state.best);
    if (this.pointer) {
      this.tooltip.show(this.noteOf(trial), point.x, point.y);
      return;
    }
    this.tooltip.hide();
    inscribe(context, this.theme, `#${trial.number}`, point.x + 10, point.y, {
      bold: true,
      colour: this.theme.css.text,
    });
  }

  private noteOf(trial: Trial): Note {
    return noteOn(trial, this.store.state, this.axes.scale);
  }

  private place(event: PointerEvent): Point {
    const { left, top } = this.shell.plot.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0 || event.target !== this.shell.plot) return;
    const from = this.place(event);
    this.drag = { from, to: from, moved: false };
    this.shell.plot.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.shell.plot.focus({ preventScroll: true });
  }

  private pointed(event: PointerEvent): void {
    const at = this.place(event);
    const { drag } = this;
    if (drag) {
      drag.to = at;
      drag.moved ||= Math.hypot(at.x - drag.from.x, at.y - drag.from.y) >= SLACK;
      this.stage.invalidate('top');
      return;
    }
    const favour = (trial: Trial) => (this.store.passes(trial) ? 0 : -6);
    const trial = this.plot.hit(at.x, at.y, this.store.state.trials, favour);
    this.shell.plot.style.cursor = trial ? 'pointer' : 'crosshair';
    this.hover(trial, trial ? at : null);
  }

  /** A drag brushes both axes; a click selects, or clears the brushes where there is nothing. */
  private released(event: PointerEvent): void {
    const { drag } = this;
    this.drag = null;
    this.stage.invalidate('top');
    if (event.button !== 0 || !drag) return;
    if (drag.moved) {
      this.brush(drag.from, drag.to);
      return;
    }
    const { hovered, selected } = this.store.ui;
    if (hovered) {
      this.store.select(hovered === selected ? null : hovered);
      return;
    }
    this.clear();
  }

  private brush(from: Point, to: Point): void {
    const { box, x, y } = this.plot;
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    const across = {
      low: (Math.min(from.x, to.x) - box.left) / width,
      high: (Math.max(from.x, to.x) - box.left) / width,
    };
    const up = {
      low: (box.bottom - Math.max(from.y, to.y)) / height,
      high: (box.bottom - Math.min(from.y, to.y)) / height,
    };
    this.store.brush(x.key, brushBetween(x, across));
    if (x.key !== y.key) this.store.brush(y.key, brushBetween(y, up));
  }

  private clear(): void {
    for (const axis of [this.plot.x, this.plot.y]) this.store.brush(axis.key, null);
  }

  private cancel(): void {
    this.drag = null;
    this.stage.invalidate('top');
  }

  private key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    const { hovered, selected } = this.store.ui;
    if (by) this.next(by);
    else if (event.key === 'Enter' || event.key === ' ')
      this.store.select(hovered === selected ? null : hovered);
    else if (event.key === 'Escape') {
      this.hover(null, null);
      this.store.escape();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The next trial to the right, or to the left. */
  private next(by: number): void {
    const there = this.store.state.trials
      .filter(trial => this.store.passes(trial))
      .flatMap(trial => {
        const point = this.plot.point(trial);
        return point ? [{ trial, point }] : [];
      })
      .sort((a, b) => a.point.x - b.point.x || a.trial.number - b.trial.number);
    const index = there.findIndex(
      ({ trial }) => trial.id === (this.store.ui.hovered ?? this.store.ui.selected),
    );
    const next = there[index < 0 ? 0 : Math.max(0, Math.min(there.length - 1, index + by))];
    if (!next) return;
    this.hover(next.trial, next.point);
    const { title, strong, muted, words = [] } = this.noteOf(next.trial);
    this.shell.speak([title, strong, muted, ...words].filter(Boolean).join(', '));
  }

  private hover(trial: Trial | null, at: Point | null): void {
    this.pointer = at;
    this.store.hover(trial?.id ?? null);
    this.stage.invalidate('top');
  }

  private leave(): void {
    if (!this.drag && this.pointer) this.hover(null, null);
  }
}
