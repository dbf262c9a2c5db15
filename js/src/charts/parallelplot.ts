/** Parallel axes: where lines run, and how they are drawn. */

import { kindOf, metricOf, type Trial } from '../state';
import type { Axes } from './axes';
import type { Axis } from './axis';
import { nearest, toSegment } from './hit';
import type { Box } from './labels';
import { drawMark, SHAPES } from './marks';
import { alphaFor, alphaOutside, scaled, strokeLine } from './paper';
import type { Raster } from './raster';
import { between, tangents } from './spline';
import { cssOf, rampAt, type Theme } from './theme';

export const REACH = 12;
/** How far, in gaps, a line without a metric goes on beyond the last hyperparameter. */
const STUB = 0.35;
/** How far below its axis a line passes where the trial has no such hyperparameter, in pixels. */
const RAIL = 16;

export class ParallelPlot {
  box: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  ratio = 1;
  axes: readonly Axis[] = [];
  crowd = 0;
  outside = 0;
  points = new Float64Array(64);
  private readonly model: Axes;
  private readonly theme: () => Theme;
  private slopes = new Float64Array(8);
  /** Heights of trials that have ended, by number. */
  private heights: (Float64Array | undefined)[] = [];

  constructor(model: Axes, theme: () => Theme) {
    this.model = model;
    this.theme = theme;
  }

  /** Takes the axes anew. */
  take(): void {
    this.axes = this.model.all;
    this.heights = [];
    this.slopes = new Float64Array(this.axes.length + 1);
  }

  get gap(): number {
    return (this.box.right - this.box.left) / Math.max(1, this.axes.length - 1);
  }

  /** The place of the metric's axis: after those of hyperparameters, before those of further objectives. */
  get metricAt(): number {
    return this.model.parameters.length;
  }

  axisX(index: number): number {
    return this.box.left + index * this.gap;
  }

  /** Values beyond the ends of an axis stand a little beyond it. */
  y(at: number): number {
    return this.box.bottom - Math.max(-0.02, Math.min(1.02, at)) * (this.box.bottom - this.box.top);
  }

  at(y: number): number {
    return (this.box.bottom - y) / (this.box.bottom - this.box.top);
  }

  /** Heights on each axis; those of the metric and of further objectives only where the line goes that far. */
  heightsOf(trial: Trial): Float64Array {
    const ended = trial.duration !== null;
    const known = ended ? this.heights[trial.number] : undefined;
    if (known) return known;
    const fan = this.model.rank(trial);
    const params = this.axes.slice(0, this.metricAt).map(axis => this.heightOn(axis, trial, fan));
    const told = this.reached(trial).map(axis => this.y(axis.at(trial, 0)));
    const heights = Float64Array.from([...params, ...told]);
    if (ended) this.heights[trial.number] = heights;
    return heights;
  }

  /** The objectives' axes to which the trial's line goes: a trial that was stopped told the metric alone. */
  private reached(trial: Trial): readonly Axis[] {
    if (metricOf(trial) === null || kindOf(trial) === 'failed') return [];
    return this.axes.slice(this.metricAt, trial.objectives ? this.axes.length : this.metricAt + 1);
  }

  /** Pixels that the rail and its word take below the axes. */
  get below(): number {
    return this.model.parameters.some(axis => axis.optional) ? RAIL + 8 : 0;
  }

  /** Where lines pass an axis whose hyperparameter their trial has not got. */
  get rail(): number {
    return this.box.bottom + RAIL;
  }

  private heightOn(axis: Axis, trial: Trial, fan: number): number {
    return axis.value(trial) === undefined ? this.rail : this.y(axis.at(trial, fan));
  }

  /** Writes the points of the trial's line and says how many there are. */
  trace(trial: Trial, ratio = 1): number {
    const heights = this.heightsOf(trial);
    const parts = Math.max(4, Math.min(18, Math.round(this.gap / 7)));
    const size = 2 * (heights.length * parts + 2);
    if (this.points.length < size) this.points = new Float64Array(2 * size);
    tangents(heights, heights.length, this.slopes);
    let count = 0;
    const put = (x: number, y: number) => {
      this.points[2 * count] = x * ratio;
      this.points[2 * count + 1] = y * ratio;
      count++;
    };
    for (let i = 0; i + 1 < heights.length; i++)
      for (let part = 0; part < parts; part++)
        put(this.axisX(i) + (part / parts) * this.gap, this.between(heights, i, part / parts));
    const last = heights.length - 1;
    if (last >= 0) put(this.axisX(last), heights[last] as number);
    if (last >= 0 && this.stub(heights)) put(this.axisX(last + STUB), heights[last] as number);
    return count;
  }

  private between(heights: Float64Array, i: number, t: number): number {
    return between(
      heights[i] as number,
      heights[i + 1] as number,
      this.slopes[i] as number,
      this.slopes[i + 1] as number,
      t,
    );
  }

  /** Where the line ends. */
  end(trial: Trial): { x: number; y: number } | null {
    const heights = this.heightsOf(trial);
    const y = heights[heights.length - 1];
    if (y === undefined || Number.isNaN(y)) return null;
    return { x: this.axisX(heights.length - 1 + (this.stub(heights) ? STUB : 0)), y };
  }

  /** Whether the line ends before the metric's axis. */
  private stub(heights: Float64Array): boolean {
    return heights.length <= this.metricAt;
  }

  /** Where the line crosses the metric's axis. */
  atMetric(trial: Trial): { x: number; y: number } | null {
    const y = this.heightsOf(trial)[this.metricAt];
    return y === undefined || Number.isNaN(y) ? null : { x: this.axisX(this.metricAt), y };
  }

  *quiet(raster: Raster, trials: readonly Trial[], passes: (trial: Trial) => boolean) {
    raster.setClip(
      scaled({ ...this.box, top: 0, bottom: this.rail + 6, right: this.box.right + 2 }, this.ratio),
    );
    if (this.axes.length < 2) return;
    this.legendOn(raster);
    const ended = trials.filter(trial => trial.duration !== null);
    const inside = ended.filter(passes);
    this.crowd = inside.length;
    this.outside = ended.length - inside.length;
    if (inside.length < ended.length)
      for (const trial of ended) if (!passes(trial)) yield this.quietLine(raster, trial, false);
    const worth = (trial: Trial) =>
      this.model.goodness(this.model.scale.at(metricOf(trial) ?? Number.NaN)) || -9;
    const ordered = inside.map(trial => ({ trial, worth: worth(trial) })).sort((a, b) => a.worth - b.worth);
    for (const { trial } of ordered) yield this.quietLine(raster, trial, true);
    for (const { trial } of ordered) yield this.quietEnd(raster, trial);
  }

  /** The metric's axis in the colours of its metrics. */
  private legendOn(raster: Raster): void {
    const { ratio } = this;
    const x = this.axisX(this.metricAt) * ratio;
    for (let y = (this.box.top - 4) * ratio; y < (this.box.bottom + 4) * ratio; y++) {
      const colour = rampAt(this.theme().ramp, this.model.goodness(this.at(y / ratio)));
      raster.setPen({ colour, alpha: 1, width: 1, dash: null });
      raster.line([x - 2 * ratio, Math.floor(y) + 0.5, x + 2 * ratio, Math.floor(y) + 0.5], 2);
    }
  }

  addQuiet(raster: Raster, trial: Trial, passes: boolean): void {
    if (trial.duration === null) return;
    this.quietLine(raster, trial, passes);
    if (passes) this.quietEnd(raster, trial);
  }

  private quietLine(raster: Raster, trial: Trial, passes: boolean): void {
    const theme = this.theme();
    const kind = kindOf(trial);
    const strength = alphaFor(this.crowd);
    const colour = passes ? this.colour(trial) : theme.rgb.faint;
    const failed = kind === 'failed';
    const alpha = !passes
      ? alphaOutside(this.outside)
      : failed
        ? Math.min(0.8, 6 * strength)
        : Math.min(0.85, 1.7 * strength);
    const dash = kind === 'early' ? 3 * this.ratio : failed ? 2 * this.ratio : 0;
    const pen = { colour, alpha, width: Math.max(1, (passes ? 1.2 : 0.9) * this.ratio) };
    raster.setPen({ ...pen, dash: dash > 0 ? [dash, dash] : null });
    raster.line(this.points, this.trace(trial, this.ratio));
  }

  private quietEnd(raster: Raster, trial: Trial): void {
    const kind = kindOf(trial);
    const end = this.end(trial);
    if (!end || kind === 'finished' || kind === 'cancelled') return;
    const crowded = Math.max(kind === 'early' ? 0.3 : 0.5, Math.min(1, 2.5 * alphaFor(this.crowd)));
    const colour = this.theme().rgb[kind];
    raster.mark(SHAPES[kind], end.x * this.ratio, end.y * this.ratio, 3.4 * this.ratio, colour, crowded);
  }

  /** By metric; of failed and of running trials without one, by state. */
  colour(trial: Trial) {
    const theme = this.theme();
    const kind = kindOf(trial);
    if (kind === 'failed') return theme.rgb.failed;
    return this.model.colour(trial, theme) ?? theme.rgb[kind];
  }

  stroke(
    context: CanvasRenderingContext2D,
    trial: Trial,
    width: number,
    colour = cssOf(this.colour(trial)),
  ): void {
    const count = this.trace(trial);
    strokeLine(context, this.points, count, colour, width);
  }

  markEnd(context: CanvasRenderingContext2D, trial: Trial, radius: number, best: boolean): void {
    const { css } = this.theme();
    const end = best ? this.atMetric(trial) : this.end(trial);
    const kind = kindOf(trial);
    if (end && best) drawMark(context, 'star', end.x, end.y, radius, css.best, css.paper);
    else if (end) drawMark(context, SHAPES[kind], end.x, end.y, radius, css[kind], css.paper);
  }

  markFront(context: CanvasRenderingContext2D, trial: Trial, radius: number): void {
    const end = this.end(trial);
    if (end)
      drawMark(context, 'diamond', end.x, end.y, radius, cssOf(this.colour(trial)), this.theme().css.best);
  }

  /** The trial whose line is nearest. */
  hit(x: number, y: number, trials: readonly Trial[], standsOut: (trial: Trial) => number): Trial | null {
    const at = (x - this.box.left) / this.gap;
    const i = Math.max(0, Math.min(this.axes.length - 2, Math.floor(at)));
    const away = (index: number) => {
      const trial = trials[index] as Trial;
      return trial.start === null ? Number.NaN : this.distance(trial, x, y, i, at - i);
    };
    const favour = (index: number) => standsOut(trials[index] as Trial);
    return trials[nearest(trials.length, away, favour, REACH)] ?? null;
  }

  private distance(trial: Trial, x: number, y: number, i: number, t: number): number {
    const heights = this.heightsOf(trial);
    const from = heights[i];
    const to = heights[i + 1];
    if (from === undefined || t < -0.2 || t > 1.2) return Number.NaN;
    if (to === undefined)
      return t <= (this.stub(heights) ? STUB : 0) + 0.05 ? Math.abs(from - y) : Number.NaN;
    if (y < Math.min(from, to) - REACH || y > Math.max(from, to) + REACH) return Number.NaN;
    tangents(heights, heights.length, this.slopes);
    const [before, after] = [Math.max(0, t - 0.03), Math.min(1, t + 0.03)];
    const [y0, y1] = [this.between(heights, i, before), this.between(heights, i, after)];
    return toSegment(x, y, this.axisX(i + before), y0, this.axisX(i + after), y1);
  }
}
