/** Learning curves: every trial's metric by step, live. */

import { CurveLabels } from '../charts/curvelabels';
import { CurvesPlot } from '../charts/curvesplot';
import { crowd, spacingsFor, steady } from '../charts/domain';
import { Ledger } from '../charts/ledger';
import { drawMark } from '../charts/marks';
import { inscribe } from '../charts/paper';
import { Pulses } from '../charts/pulses';
import { Quiet } from '../charts/quiet';
import { curveValues, patience } from '../charts/sample';
import { type Range, type Scale, type Spacing, scaleOf, spread } from '../charts/scale';
import { Shell } from '../charts/shell';
import { type Layer, Stage } from '../charts/stage';
import { readTheme, type Theme, watchTheme } from '../charts/theme';
import { niceStep, short, ticksOf } from '../charts/ticks';
import { Tooltip } from '../charts/tooltip';
import { distanceWords, metricText, paramWords, ruleNote, summary, titleOf } from '../charts/words';
import { plain } from '../format';
import { metricName } from '../objectives';
import { kindOf, type Trial } from '../state';
import type { Change, Store } from '../store';
import { CurveKeys } from './curvekeys';
import { setText } from './dom';

/** With more points than these, what runs is a crowd, and lines as thin as a pixel. */
const CROWD = 4000;
const NAMES: { [spacing in Spacing]: string } = {
  spread: 'Spread the top',
  log: 'Log',
  linear: 'Linear',
};

export function renderCurves({ store, el }: { store: Store; el: HTMLElement }): () => void {
  const view = new CurvesView(store, el);
  return () => view.dispose();
}

class CurvesView {
  private readonly store: Store;
  private readonly shell: Shell<Spacing>;
  private readonly stage: Stage;
  private readonly quiet: Quiet;
  private readonly ledger: Ledger;
  private readonly tooltip: Tooltip;
  private readonly pulses: Pulses;
  private readonly plot = new CurvesPlot();
  private readonly labels: CurveLabels;
  private readonly done: (() => void)[];
  private theme: Theme;
  private spacing: Spacing | null = null;
  private domain: (Range & { spacing: Spacing }) | null = null;
  private lastLook = Number.NEGATIVE_INFINITY;
  private beyond = 0;
  private hoveredStep: number | null = null;

  constructor(store: Store, el: HTMLElement) {
    this.store = store;
    this.shell = new Shell(el, 'Learning curves', 'Scale of the metric', spacing => this.choose(spacing));
    const { plot } = this.shell;
    this.theme = readTheme(plot);
    this.stage = new Stage(plot, (layer, resized) => this.draw(layer, resized));
    this.ledger = new Ledger(store);
    this.quiet = new Quiet(this.stage, raster => {
      this.ledger.ended();
      return this.plot.quiet(raster, this.store.state.trials, t => this.passes(t), this.theme);
    });
    this.pulses = new Pulses(plot);
    this.tooltip = new Tooltip(plot);
    this.labels = new CurveLabels(this.plot, store);
    const keys = new CurveKeys(
      store,
      this.plot,
      () => this.hoveredStep,
      (trial, step, spoken) => this.moveTo(trial, step, spoken),
    );
    plot.addEventListener('pointermove', event => this.pointed(event));
    plot.addEventListener('pointerleave', () => this.leave());
    plot.addEventListener('click', event => this.clicked(event));
    plot.addEventListener('keydown', event => keys.pressed(event));
    this.done = [
      store.subscribe(change => this.changed(change)),
      watchTheme(plot, () => this.themeChanged()),
    ];
    this.changed({ state: true, ui: true });
    this.stage.start();
  }

  dispose(): void {
    for (const end of this.done) end();
    this.stage.dispose();
    this.shell.dispose();
  }

  private passes(trial: Trial): boolean {
    return this.store.passes(trial);
  }

  private choose(spacing: Spacing): void {
    this.spacing = spacing;
    this.lastLook = Number.NEGATIVE_INFINITY;
    this.changed({ state: true, ui: false });
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
    if (this.ledger.replaced()) this.forget();
    const now = performance.now();
    if (now - this.lastLook > patience(state.trials.length)) {
      this.lastLook = now;
      this.look();
    }
    const add = this.ledger.ended();
    if (add.length > 0 && add.length + this.plot.crowd > 2 * Math.max(16, this.plot.crowd))
      this.quiet.redraw();
    else
      for (const trial of add)
        this.quiet.add(raster => this.plot.addQuiet(raster, trial, this.passes(trial), this.theme));
    this.shell.describe(summary(state, 'Learning curves'));
  }

  /** A snapshot came: nothing of what was drawn need be so. */
  private forget(): void {
    this.domain = null;
    this.lastLook = Number.NEGATIVE_INFINITY;
    this.quiet.redraw(true);
  }

  /** Chooses scale and range by the values there are. */
  private look(): void {
    const { state } = this.store;
    const values = curveValues(state.trials);
    const spacings = spacingsFor(values, state.settings?.direction === 'min' ? 'min' : 'max');
    const spacing = this.spacing && spacings.includes(this.spacing) ? this.spacing : spacings[0];
    this.shell.offer(
      spacings.map(id => ({ id, label: NAMES[id] })),
      spacing,
    );
    const old = this.domain?.spacing === spacing ? this.domain : null;
    const range = steady(old, crowd(values, spacing, peaks(state.best)), spacing);
    const steps = this.stepRange();
    if (range !== this.domain || steps.low !== this.plot.x.low || steps.high !== this.plot.x.high) {
      this.domain = range === old ? old : { ...range, spacing };
      this.plot.y = scaleOf(spacing, this.domain);
      this.plot.x = scaleOf('linear', steps);
      this.quiet.redraw();
    }
    this.shell.say(this.nothing(values.length));
    this.countBeyond();
  }

  private nothing(values: number): string {
    if (values > 0) return '';
    if (this.store.state.phase === 'ENDED') return 'No trial reported a metric while it ran.';
    return 'Curves appear as soon as a trial reports a metric with reporter.broadcast.';
  }

  /** From 0 (or near the first step) to a round number of steps. */
  private stepRange(): Range {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { curve } of this.store.state.trials) {
      if (curve.length === 0) continue;
      low = Math.min(low, curve.steps[0] as number);
      high = Math.max(high, curve.steps[curve.length - 1] as number);
    }
    if (!(low <= high)) return { low: 0, high: 1 };
    const start = low >= 0 && low <= high / 2 ? 0 : low;
    const round = niceStep(high - start || 1, 20);
    return { low: start, high: start + Math.max(1, Math.ceil((high - start) / round - 1e-9)) * round };
  }

  private countBeyond(): void {
    const { trials } = this.store.state;
    const [low, high] = [
      spread(this.plot.y.spacing, this.plot.y.low),
      spread(this.plot.y.spacing, this.plot.y.high),
    ];
    const outside = (trial: Trial) => {
      const at = spread(this.plot.y.spacing, trial.curve.last ?? Number.NaN);
      return at < low || at > high;
    };
    this.beyond = trials.filter(outside).length;
    const many = this.beyond === 1 ? '1 curve ends' : `${this.beyond} curves end`;
    const beyond = this.beyond > 0 ? `${many} beyond the scale (▴▾)` : '';
    setText(this.shell.note, [ruleNote(this.store.state), beyond].filter(Boolean).join(' · '));
  }

  private draw(layer: Layer, resized: boolean): void {
    if (resized && layer === 'quiet') {
      // Before it was put into the page, it had no colours.
      this.theme = readTheme(this.shell.plot);
      this.layOut(this.stage.raw('live'));
      this.quiet.redraw(true);
    }
    if (layer === 'quiet') this.quiet.paint();
    if (layer === 'live') this.drawLive();
    if (layer === 'top') this.drawTop();
  }

  /** Whether the plot is of another size now. */
  private layOut(context: CanvasRenderingContext2D | null): boolean {
    const { width, height, ratio } = this.stage;
    const { right: before } = this.plot.box;
    const beside = context ? this.labels.measure(context, this.theme, width) : 112;
    const right = Math.max(60, width - beside);
    this.plot.box = { left: 42, top: 28, right, bottom: Math.max(40, height - 34) };
    this.plot.ratio = ratio;
    return right !== before;
  }

  private drawLive(): void {
    const context = this.stage.wiped('live');
    if (!context) return;
    const { plot, theme, store } = this;
    const { state } = store;
    if (this.layOut(context)) this.quiet.redraw();
    this.drawAxes(context);
    const selected = state.byId.get(store.ui.selected ?? '') ?? null;
    const running = state.trials.filter(trial => kindOf(trial) === 'running' && trial.curve.length > 0);
    if (selected) this.drawSelected(context, selected);
    const vivid = widthFor(running);
    for (const trial of running) {
      const faint = !this.passes(trial);
      if (trial !== selected)
        plot.stroke(context, trial, faint ? theme.css.faint : theme.css.running, faint ? 1 : vivid);
    }
    if (state.best && state.best !== selected) plot.stroke(context, state.best, theme.css.best, 2.4);
    const threshold = plot.strokeThreshold(context, state, theme);
    const marked = running.filter(trial => this.passes(trial));
    for (const trial of marked) plot.markEnd(context, trial, 4, theme);
    if (selected) plot.markEnd(context, selected, 5, theme);
    const star = this.starOf(state.best);
    if (star) drawMark(context, 'star', star.x, star.y, 5, theme.css.best, theme.css.paper);
    this.labels.draw(context, theme, { running: marked, selected, threshold, star });
    this.pulses.show(
      marked.map(trial => plot.end(trial)).flatMap(end => (end ? [[end.x, end.y] as const] : [])),
    );
  }

  private drawSelected(context: CanvasRenderingContext2D, trial: Trial): void {
    const { plot, theme } = this;
    const best = trial === this.store.state.best;
    plot.stroke(context, trial, theme.css.halo, 8);
    plot.stroke(context, trial, best ? theme.css.best : theme.css[kindOf(trial)], best ? 2.4 : 2);
    this.labels.stopLevel(context, theme, trial);
  }

  /** The best trial's star: where its metric is on its curve, else at the curve's end. */
  private starOf(best: Trial | null): { x: number; y: number } | null {
    if (!best || best.curve.length === 0) return null;
    const { curve } = best;
    for (let i = curve.length - 1; i >= 0; i--)
      if (curve.values[i] === best.finalMetric)
        return { x: this.plot.px(curve.steps[i] as number), y: this.plot.py(best.finalMetric as number) };
    return this.plot.end(best);
  }

  private drawAxes(context: CanvasRenderingContext2D): void {
    const { plot, theme } = this;
    const { left, right, bottom } = plot.box;
    for (const { y, label } of plot.rows()) inscribe(context, theme, label, left - 8, y, { align: 'right' });
    const count = Math.max(2, Math.floor((right - left) / 62));
    for (const { at, value } of ticksOf(plot.x, count))
      if (Number.isInteger(value))
        inscribe(context, theme, short(value, 6), left + at * (right - left), bottom + 14, {
          align: 'center',
        });
    inscribe(context, theme, plain(metricName(this.store.state), 40), 0, 8, {
      bold: true,
      colour: theme.css.text,
    });
    inscribe(context, theme, 'step', right, bottom + 28, {
      bold: true,
      align: 'right',
      colour: theme.css.text,
    });
  }

  private drawTop(): void {
    const context = this.stage.wiped('top');
    if (!context) return;
    const trial = this.store.state.byId.get(this.store.ui.hovered ?? '');
    if (!trial || trial.curve.length === 0) {
      this.tooltip.hide();
      return;
    }
    const { plot, theme } = this;
    const colour = theme.css[trial === this.store.state.best ? 'best' : kindOf(trial)];
    if (trial.id !== this.store.ui.selected) plot.stroke(context, trial, theme.css.paper, 6);
    plot.stroke(context, trial, colour, 2.6);
    plot.markEnd(context, trial, 4.5, theme);
    this.labels.stopLevel(context, theme, trial);
    const point = this.hoveredStep === null ? null : CurvesPlot.at(trial, this.hoveredStep);
    if (!point) {
      this.tooltip.hide();
      if (trial.id !== this.store.ui.selected) this.labels.hovered(context, theme, trial, colour);
      return;
    }
    this.drawCrosshair(context, plot.px(point.step), plot.py(point.value), colour);
    this.tooltip.show(
      this.noteOf(trial, point, plot.y),
      plot.px(point.step),
      this.clamped(plot.py(point.value)),
    );
  }

  private drawCrosshair(context: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
    const { top, bottom } = this.plot.box;
    const { paper, axis } = this.theme.css;
    context.fillStyle = axis;
    context.fillRect(Math.round(x), top - 10, 1, bottom - top + 10);
    if (!Number.isNaN(y) && y >= top - 2 && y <= bottom + 2)
      drawMark(context, 'disc', x, y, 4, colour, paper);
  }

  private clamped(y: number): number {
    const { top, bottom } = this.plot.box;
    return Math.max(top, Math.min(bottom, y || top));
  }

  private noteOf(trial: Trial, { step, value }: { step: number; value: number }, scale: Scale) {
    const { state } = this.store;
    return {
      title: `${titleOf(trial, state)}, step ${short(step, 6)}`,
      strong: metricText(value, scale),
      muted: distanceWords(value, step, state, scale),
      words: paramWords(trial, state),
    };
  }

  private pointed(event: PointerEvent): void {
    const { left, top } = this.shell.plot.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const { state } = this.store;
    const favour = (trial: Trial) => {
      if (trial === state.best || trial.id === this.store.ui.selected) return 3;
      return kindOf(trial) === 'running' ? 3 : this.passes(trial) ? 0 : -6;
    };
    const trial = this.plot.hit(x, y, state, favour);
    const { box } = this.plot;
    this.moveTo(trial, this.plot.x.value((x - box.left) / (box.right - box.left)));
    this.shell.plot.style.cursor = trial ? 'pointer' : '';
  }

  private moveTo(trial: Trial | null, step: number, spoken = false): void {
    this.hoveredStep = trial ? step : null;
    this.store.hover(trial?.id ?? null);
    this.stage.invalidate('top');
    const point = spoken && trial ? CurvesPlot.at(trial, step) : null;
    if (!trial || !point) return;
    const { title, strong, muted } = this.noteOf(trial, point, this.plot.y);
    this.shell.speak([title, strong, muted].filter(Boolean).join(', '));
  }

  private leave(): void {
    if (this.hoveredStep !== null) this.moveTo(null, 0);
  }

  private clicked(event: MouseEvent): void {
    this.pointed(event as PointerEvent);
    const { hovered, selected } = this.store.ui;
    this.store.select(hovered === selected ? null : hovered);
  }
}

/** Of running curves. A pixel's width costs a tenth of a larger one where there is no graphics card. */
function widthFor(running: readonly Trial[]): number {
  return running.reduce((points, { curve }) => points + curve.length, 0) > CROWD ? 1 : 1.8;
}

/** What of the best trial has to be seen. */
function peaks(best: Trial | null): number[] {
  if (!best || best.finalMetric === null) return [];
  const values = best.curve.values.subarray(Math.floor(best.curve.length / 2), best.curve.length);
  return [
    best.finalMetric,
    values.reduce((a, b) => Math.max(a, b), best.finalMetric),
    best.curve.last ?? best.finalMetric,
  ];
}
