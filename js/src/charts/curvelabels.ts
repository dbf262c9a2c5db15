/** Words in the chart of learning curves: who a line is, and what the stopping rule's line means. */

import { kindOf, type Trial } from '../state';
import type { Store } from '../store';
import type { CurvesPlot } from './curvesplot';
import { type AtPoint, type Box, placeAround, stack } from './labels';
import { inscribe, SMALL, setFont } from './paper';
import type { Theme } from './theme';
import { metricText, ruleName, stopSide, titleOf } from './words';

const LINE = 15;
/** More failed trials or trials stopped by hand than this stay without a name. */
const FEW = 8;
/** Of more running trials than this the leading ones are named. */
const MANY = 14;
/** A narrower chart has shorter labels. */
const NARROW = 480;
/** Pixels between the plot and the labels beside it, and to the edge. */
const [BESIDE, EDGE] = [12, 4];

export interface Shown {
  running: readonly Trial[];
  selected: Trial | null;
  threshold: { y: number; value: number } | null;
  star: { x: number; y: number } | null;
}
interface Row {
  text: string;
  colour: string;
  bold: boolean;
}
interface Named extends AtPoint {
  text: string;
  colour: string;
  bold: boolean;
}

export class CurveLabels {
  private readonly plot: CurvesPlot;
  private readonly store: Store;
  /** Where labels and marks stand on the live layer. */
  private taken: Box[] = [];
  private narrow = false;
  /** Pixels right of the plot. */
  private room = 0;

  constructor(plot: CurvesPlot, store: Store) {
    this.plot = plot;
    this.store = store;
  }

  /** The pixels that the labels beside a plot need, in a chart of such a width; in steps, so that it is calm. */
  measure(context: CanvasRenderingContext2D, theme: Theme, width: number): number {
    this.narrow = width < NARROW;
    const { best, settings, thresholds } = this.store.state;
    const level = thresholds.values[thresholds.values.length - 1] ?? this.plot.y.high;
    const rows = best ? this.bestRows(best, theme) : [];
    if (settings?.es_policy !== 'none') rows.push(...this.ruleRows(level, theme));
    const widths = rows.map(row => {
      setFont(context, theme, row.bold);
      return context.measureText(row.text).width;
    });
    this.room = 8 * Math.ceil((BESIDE + Math.max(48, ...widths) + EDGE) / 8);
    return this.room;
  }

  draw(context: CanvasRenderingContext2D, theme: Theme, shown: Shown): void {
    const best = this.store.state.best;
    const beside: { y: number; rows: Row[] }[] = [];
    const end = best && this.plot.end(best);
    const atEdge = end && end.x > this.plot.box.right - 24;
    if (best && end && atEdge) beside.push({ y: end.y, rows: this.bestRows(best, theme) });
    if (shown.threshold)
      beside.push({ y: shown.threshold.y, rows: this.ruleRows(shown.threshold.value, theme) });
    const taken = this.drawBeside(context, theme, beside);
    if (shown.star) taken.push(around(shown.star.x, shown.star.y, 7));
    for (const trial of shown.running) {
      const mark = this.plot.end(trial);
      if (mark) taken.push(around(mark.x, mark.y, 5));
    }
    this.drawNamed(context, theme, this.named(context, theme, shown, atEdge ? null : best), taken);
    this.taken = taken;
  }

  /** The name of a curve that another part of the view points at. */
  hovered(context: CanvasRenderingContext2D, theme: Theme, trial: Trial, colour: string): void {
    const label = this.at(context, theme, trial, titleOf(trial, this.store.state), colour, true);
    this.drawNamed(context, theme, label ? [label] : [], this.taken);
  }

  /** The level that an early-stopped trial was compared with when it was stopped: a tick where it ended. */
  stopLevel(context: CanvasRenderingContext2D, theme: Theme, trial: Trial): void {
    const end = this.plot.end(trial);
    if (kindOf(trial) !== 'early' || trial.stopLevel === null || !end) return;
    const { top, bottom } = this.plot.frame();
    const y = this.plot.py(trial.stopLevel);
    if (!(y >= top && y <= bottom)) return;
    context.fillStyle = theme.css.paper;
    context.fillRect(end.x - 11, y - 2.5, 22, 5);
    context.fillStyle = theme.css.threshold;
    context.fillRect(end.x - 10, y - 1.25, 20, 2.5);
    context.fillRect(end.x - 0.5, Math.min(y, end.y), 1, Math.abs(end.y - y));
    const text = `${metricText(trial.stopLevel, this.plot.y)} when stopped`;
    const side = end.x > (this.plot.box.left + this.plot.box.right) / 2 ? 'right' : 'left';
    const x = side === 'right' ? end.x - 14 : end.x + 14;
    inscribe(context, theme, text, x, y - 1, { colour: theme.css.threshold, align: side });
  }

  private bestRows(best: Trial, theme: Theme): Row[] {
    const metric = best.finalMetric ?? Number.NaN;
    const last = best.curve.last;
    const words = [`#${best.number} best`, this.metric(metric)];
    const texts = this.narrow ? words : [words.join(' ')];
    const rows = texts.map(text => ({ text, colour: theme.css.best, bold: true }));
    if (last !== null && this.metric(last) !== this.metric(metric))
      rows.push({ text: `last ${this.metric(last)}`, colour: theme.css.muted, bold: false });
    return rows;
  }

  private ruleRows(level: number, theme: Theme): Row[] {
    const name = ruleName(this.store.state) ?? 'threshold';
    const colour = theme.css.threshold;
    return [
      { text: `${name} ${this.metric(level)}`, colour, bold: true },
      { text: `${this.narrow ? '' : 'rule '}stops ${stopSide(this.store.state)}`, colour, bold: false },
    ];
  }

  /** Labels in the column right of the plot; the boxes they take. */
  private drawBeside(
    context: CanvasRenderingContext2D,
    theme: Theme,
    labels: { y: number; rows: Row[] }[],
  ): Box[] {
    const { top, right, bottom } = this.plot.box;
    const heights = labels.map(({ y, rows }) => ({ y, height: rows.length * LINE + 4 }));
    const taken: Box[] = [];
    stack(heights, top - 10, bottom + 10).forEach((centre, i) => {
      const rows = labels[i]?.rows;
      if (centre === null || !rows) return;
      const first = centre - ((rows.length - 1) * LINE) / 2;
      rows.forEach((row, j) => {
        inscribe(context, theme, row.text, right + BESIDE, first + j * LINE, row);
      });
      const height = rows.length * LINE;
      taken.push({
        left: right + 4,
        top: centre - height / 2,
        right: right + 400,
        bottom: centre + height / 2,
      });
    });
    return taken;
  }

  /** Who is named inside the plot, the most important first. */
  private named(context: CanvasRenderingContext2D, theme: Theme, shown: Shown, best: Trial | null): Named[] {
    const { state } = this.store;
    const { selected } = shown;
    const labels: (Named | null)[] = [];
    const add = (trial: Trial, text: string, colour: string, bold = false) =>
      labels.push(this.at(context, theme, trial, text, colour, bold));
    if (selected && selected !== state.best) add(selected, titleOf(selected, state), theme.css.text, true);
    if (best)
      add(best, `#${best.number} best ${this.metric(best.finalMetric ?? Number.NaN)}`, theme.css.best, true);
    const value = (trial: Trial) => trial.curve.last ?? Number.NaN;
    const leading = [...shown.running].sort((a, b) => (state.beats(value(a), value(b)) ? -1 : 1));
    for (const trial of leading.slice(0, MANY))
      if (trial !== selected) add(trial, `#${trial.number}`, theme.css.running, true);
    for (const kind of ['hand', 'failed'] as const) {
      const few = state.trials.filter(trial => kindOf(trial) === kind && this.store.passes(trial));
      if (few.length > FEW) continue;
      for (const trial of few) if (trial !== selected) add(trial, `#${trial.number}`, theme.css[kind]);
    }
    return labels.filter(label => label !== null);
  }

  private at(
    context: CanvasRenderingContext2D,
    theme: Theme,
    trial: Trial,
    text: string,
    colour: string,
    bold: boolean,
  ): Named | null {
    const end = this.plot.end(trial);
    if (!end) return null;
    setFont(context, theme, bold);
    const width = context.measureText(text).width;
    return { x: end.x, y: end.y, width, height: SMALL + 2, text, colour, bold };
  }

  private drawNamed(context: CanvasRenderingContext2D, theme: Theme, labels: Named[], taken: Box[]): void {
    const { left, top, bottom } = this.plot.box;
    const bounds = { left, top: top - 16, right: this.plot.box.right + this.room - EDGE, bottom };
    placeAround(labels, bounds, taken).forEach((box, i) => {
      if (box) taken.push(box);
      const label = labels[i];
      if (box && label) inscribe(context, theme, label.text, box.left, (box.top + box.bottom) / 2, label);
    });
  }

  private metric(value: number): string {
    return metricText(value, this.plot.y);
  }
}

function around(x: number, y: number, reach: number): Box {
  return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
}
