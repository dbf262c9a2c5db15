/** Learning curves: where their points lie, and how they are drawn. */

import { type Kind, kindOf, type State, type Trial } from '../state';
import { decimate } from './decimate';
import { indexAt, nearest, toSegment, valueAt } from './hit';
import type { Box } from './labels';
import { drawMark, SHAPES } from './marks';
import { alphaFor, alphaOutside, clipTo, scaled, strokeLine } from './paper';
import type { Pen, Raster } from './raster';
import { type Scale, scaleOf } from './scale';
import type { Theme } from './theme';
import { ticksOf } from './ticks';

/** Beyond this, lines are cut anyway; canvases dislike larger numbers. */
const FAR = 20_000;
/** From below to above; what is running is drawn on the live layer. */
const ORDER: readonly Kind[] = ['cancelled', 'finished', 'early', 'hand', 'failed'];
const DASHES: { [kind in Kind]?: readonly [number, number] } = { early: [4, 3], failed: [2, 2] };
export const REACH = 14;

export class CurvesPlot {
  box: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  ratio = 1;
  x: Scale = scaleOf('linear', { low: 0, high: 1 });
  y: Scale = scaleOf('linear', { low: 0, high: 1 });
  /** The points of the curve traced last, in CSS pixels. */
  points = new Float64Array(256);
  /** How many lines the quiet layer was drawn for. */
  crowd = 0;
  outside = 0;

  px(step: number): number {
    return this.box.left + this.x.at(step) * (this.box.right - this.box.left);
  }

  py(value: number): number {
    const y = this.box.bottom - this.y.at(value) * (this.box.bottom - this.box.top);
    return Number.isNaN(y) ? y : Math.max(-FAR, Math.min(FAR, y));
  }

  /** Writes the points of a curve and says how many there are. */
  trace(steps: ArrayLike<number>, values: ArrayLike<number>, length: number, ratio = 1): number {
    const room = 4 * (this.box.right - this.box.left);
    const column = (step: number) => Math.floor(this.px(step));
    const kept = length > room ? decimate(steps, values, length, column) : null;
    const count = kept ? kept.length : length;
    if (this.points.length < 2 * count) this.points = new Float64Array(4 * count);
    for (let i = 0; i < count; i++) {
      const at = kept ? (kept[i] as number) : i;
      this.points[2 * i] = this.px(steps[at] as number) * ratio;
      this.points[2 * i + 1] = this.py(values[at] as number) * ratio;
    }
    return count;
  }

  /** Everything that has ended, in slices. */
  *quiet(raster: Raster, trials: readonly Trial[], passes: (trial: Trial) => boolean, theme: Theme) {
    this.gridOn(raster, theme);
    raster.setClip(scaled(this.frame(), this.ratio));
    const ended = trials.filter(trial => ORDER.includes(kindOf(trial)));
    const inside = ended.filter(passes);
    this.crowd = inside.length;
    const outside = ended.length > inside.length ? ended.filter(trial => !passes(trial)) : [];
    this.outside = outside.length;
    for (const trial of outside) yield this.quietCurve(raster, trial, false, theme);
    for (const kind of ORDER)
      for (const trial of inside)
        if (kindOf(trial) === kind) yield this.quietCurve(raster, trial, true, theme);
    for (const trial of inside) yield this.quietEnd(raster, trial, theme);
  }

  /** Another curve that has ended. */
  addQuiet(raster: Raster, trial: Trial, passes: boolean, theme: Theme): void {
    raster.setClip(scaled(this.frame(), this.ratio));
    this.quietCurve(raster, trial, passes, theme);
    if (passes) this.quietEnd(raster, trial, theme);
  }

  private quietCurve(raster: Raster, trial: Trial, passes: boolean, theme: Theme): void {
    const { curve } = trial;
    raster.setPen(this.pen(kindOf(trial), passes, theme));
    raster.line(this.points, this.trace(curve.steps, curve.values, curve.length, this.ratio));
  }

  private pen(kind: Kind, passes: boolean, theme: Theme): Pen {
    const width = Math.max(1, this.ratio * 0.9);
    const dash = DASHES[kind];
    const scaledDash = dash ? ([dash[0] * this.ratio, dash[1] * this.ratio] as const) : null;
    const strong = alphaFor(this.crowd);
    if (!passes)
      return { colour: theme.rgb.faint, alpha: alphaOutside(this.outside), width, dash: scaledDash };
    const rare = kind === 'hand' || kind === 'failed';
    // A dashed line has less ink; the paler colour of early-stopped trials wants more of it.
    const alpha = rare
      ? Math.min(0.75, Math.max(0.3, 6 * strong))
      : kind === 'early'
        ? Math.min(0.75, strong * 1.5)
        : strong;
    return { colour: theme.rgb[kind], alpha, width, dash: scaledDash };
  }

  /** The mark at the end of a curve: nothing where it simply finished. */
  private quietEnd(raster: Raster, trial: Trial, theme: Theme): void {
    const kind = kindOf(trial);
    const end = this.end(trial);
    if (!end) return;
    const { ratio } = this;
    const [x, y] = [end.x * ratio, end.y * ratio];
    const colour = theme.rgb[kind];
    const crowded = Math.max(0.25, Math.min(1, 2.5 * alphaFor(this.crowd)));
    if (end.beyond) raster.mark(end.beyond, x, y, 3.5 * ratio, colour, crowded);
    else if (kind === 'finished' || kind === 'cancelled') {
      if (trial.curve.length === 1) raster.mark('disc', x, y, 2 * ratio, colour, crowded);
    } else if (kind === 'early') raster.mark(SHAPES.early, x, y, 3 * ratio, colour, crowded);
    else raster.mark(SHAPES[kind], x, y, 3.8 * ratio, colour, Math.max(0.5, crowded));
  }

  /** Where the curve ends, on the edge where its last value lies beyond. */
  end({ curve }: Trial): { x: number; y: number; value: number; beyond: 'up' | 'down' | null } | null {
    let last = curve.length - 1;
    while (last >= 0 && Number.isNaN(curve.values[last])) last--;
    if (last < 0) return null;
    const value = curve.values[last] as number;
    const [x, y] = [this.px(curve.steps[last] as number), this.py(value)];
    const { top, bottom } = this.frame();
    if (y < top - 0.5) return { x, y: top + 4, value, beyond: 'up' };
    return y > bottom + 0.5 ? { x, y: bottom - 4, value, beyond: 'down' } : { x, y, value, beyond: null };
  }

  /** The box with room for half a line's width. */
  frame(): Box {
    const { left, top, right, bottom } = this.box;
    return { left: left - 1, top: top - 2, right: right + 1, bottom: bottom + 2 };
  }

  /** A curve on the live or top layer. */
  stroke(
    context: CanvasRenderingContext2D,
    { curve }: Trial,
    colour: string,
    width: number,
    dash: readonly number[] = [],
  ) {
    const count = this.trace(curve.steps, curve.values, curve.length);
    clipTo(context, this.frame(), () => {
      strokeLine(context, this.points, count, colour, width, dash);
    });
  }

  /** The mark at the end of a curve on the live or top layer. */
  markEnd(context: CanvasRenderingContext2D, trial: Trial, radius: number, theme: Theme): void {
    const end = this.end(trial);
    if (!end) return;
    const kind = kindOf(trial);
    drawMark(context, end.beyond ?? SHAPES[kind], end.x, end.y, radius, theme.css[kind], theme.css.paper);
  }

  /** The nearest curve at the pointer's step, null where none is near. */
  hit(x: number, y: number, state: State, standsOut: (trial: Trial) => number): Trial | null {
    const { trials } = state;
    const step = this.x.value((x - this.box.left) / (this.box.right - this.box.left));
    const away = (i: number) => this.distance(trials[i] as Trial, x, y, step);
    const favour = (i: number) => standsOut(trials[i] as Trial);
    return trials[nearest(trials.length, away, favour, REACH)] ?? null;
  }

  private distance({ curve }: Trial, x: number, y: number, step: number): number {
    const { steps, values, length } = curve;
    if (length === 0) return Number.NaN;
    const index = indexAt(steps, length, step);
    const from = Math.max(0, index);
    const to = Math.min(length - 1, index + 1);
    const x0 = this.px(steps[from] as number);
    const x1 = this.px(steps[to] as number);
    if (x < x0 - REACH || x > x1 + REACH) return Number.NaN;
    const y0 = this.py(values[from] as number);
    const y1 = this.py(values[to] as number);
    if (y < Math.min(y0, y1) - REACH || y > Math.max(y0, y1) + REACH) return Number.NaN;
    return toSegment(x, y, x0, y0, x1, y1);
  }

  /** The point of the curve nearest to a step. */
  static at({ curve }: Trial, step: number): { step: number; value: number; index: number } | null {
    const before = Math.max(0, indexAt(curve.steps, curve.length, step));
    if (curve.length === 0) return null;
    const after = Math.min(curve.length - 1, before + 1);
    const closer =
      Math.abs((curve.steps[after] as number) - step) < Math.abs((curve.steps[before] as number) - step);
    const index = closer ? after : before;
    return { step: curve.steps[index] as number, value: curve.values[index] as number, index };
  }

  /** The threshold, with an edge of paper so that it reads over curves; where its line ends. */
  strokeThreshold(
    context: CanvasRenderingContext2D,
    state: State,
    theme: Theme,
  ): { y: number; value: number } | null {
    const { steps, values } = state.thresholds;
    if (steps.length === 0) return null;
    const count = this.trace(steps, values, steps.length);
    clipTo(context, this.frame(), () => {
      strokeLine(context, this.points, count, theme.css.paper, 5);
      strokeLine(context, this.points, count, theme.css.threshold, 1.8);
    });
    const step = Math.min(steps[steps.length - 1] as number, this.x.high);
    const value = valueAt(steps, values, steps.length, step);
    return Number.isFinite(value) ? { y: this.py(value), value } : null;
  }

  rows(): { y: number; label: string }[] {
    const height = this.box.bottom - this.box.top;
    return ticksOf(this.y, Math.max(2, Math.floor(height / 26))).map(({ at, label }) => ({
      y: this.box.bottom - at * height,
      label,
    }));
  }

  private gridOn(raster: Raster, theme: Theme): void {
    const { left, right } = scaled(this.box, this.ratio);
    const width = Math.max(1, Math.round(this.ratio));
    raster.setPen({ colour: theme.rgb.grid, alpha: 1, width, dash: null });
    for (const { y } of this.rows()) {
      const row = Math.round(y * this.ratio - width / 2) + width / 2;
      raster.line([left, row, right, row], 2);
    }
  }
}
