/** A scatter of two axes: where marks stand, and how they are drawn. */

import { kindOf, type Trial } from '../state';
import { type Axes, jitter } from './axes';
import type { Axis } from './axis';
import { nearest } from './hit';
import type { Box } from './labels';
import { drawMark, SHAPES } from './marks';
import { scaled } from './paper';
import type { Raster } from './raster';
import { cssOf, type Theme } from './theme';

export const REACH = 14;
/** Pixels of a strip for trials that lack a hyperparameter, and of the part of it that they use. */
export const STRIP = 44;
const SPREAD = 22;

export class ScatterPlot {
  box: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  ratio = 1;
  x: Axis;
  y: Axis;
  crowd = 0;
  /** How strong the trials are that ended; less where others stand out before them. */
  strength = 1;
  private readonly model: Axes;
  private readonly theme: () => Theme;

  constructor(model: Axes, theme: () => Theme) {
    this.model = model;
    this.theme = theme;
    this.x = model.metric;
    this.y = model.metric;
  }

  px(at: number): number {
    return this.box.left + Math.max(-0.02, Math.min(1.02, at)) * (this.box.right - this.box.left);
  }

  py(at: number): number {
    return this.box.bottom - Math.max(-0.02, Math.min(1.02, at)) * (this.box.bottom - this.box.top);
  }

  /** The middle of the strip beside the box where trials stand that lack the axis' hyperparameter. */
  get absentX(): number {
    return this.box.left - STRIP / 2;
  }

  get absentY(): number {
    return this.box.bottom + STRIP / 2;
  }

  /** Where the trial stands; null where it has no place. Within a band or strip its number tells where. */
  point(trial: Trial): { x: number; y: number } | null {
    if (trial.start === null) return null;
    const [across, up] = [jitter(trial), (jitter(trial) * 7.31) % 1];
    const x = lacks(this.x, trial)
      ? this.absentX + SPREAD * (across - 0.5)
      : this.px(this.x.at(trial, across));
    const y = lacks(this.y, trial) ? this.absentY + SPREAD * (up - 0.5) : this.py(this.y.at(trial, up));
    return Number.isNaN(x) || Number.isNaN(y) ? null : { x, y };
  }

  *quiet(raster: Raster, trials: readonly Trial[], passes: (trial: Trial) => boolean) {
    this.gridOn(raster);
    const ended = trials.filter(trial => trial.duration !== null);
    const inside = ended.filter(passes);
    this.crowd = inside.length;
    if (inside.length < ended.length)
      for (const trial of ended) if (!passes(trial)) yield this.mark(raster, trial, false);
    for (const trial of inside) yield this.mark(raster, trial, true);
  }

  mark(raster: Raster, trial: Trial, passes: boolean): void {
    const point = this.point(trial);
    if (!point) return;
    const { rgb } = this.theme();
    const crowded = Math.max(0.35, Math.min(0.9, 12 / Math.sqrt(Math.max(1, this.crowd))));
    const alpha = this.strength * (kindOf(trial) === 'failed' ? 0.9 : crowded);
    const radius = this.radius(trial) * this.ratio;
    const [x, y] = [point.x * this.ratio, point.y * this.ratio];
    raster.mark(
      SHAPES[kindOf(trial)],
      x,
      y,
      radius,
      passes ? this.colour(trial) : rgb.faint,
      passes ? alpha : 0.5 * alpha,
    );
  }

  radius(trial: Trial): number {
    const small = this.crowd > 2000 ? 2.6 : this.crowd > 400 ? 3.2 : 4;
    return kindOf(trial) === 'finished' ? small : small + 0.5;
  }

  /** By metric; of those without one, by state. */
  colour(trial: Trial) {
    const theme = this.theme();
    if (kindOf(trial) === 'failed') return theme.rgb.failed;
    return this.model.colour(trial, theme) ?? theme.rgb[kindOf(trial)];
  }

  /** A mark on the live or top layer. */
  draw(context: CanvasRenderingContext2D, trial: Trial, radius: number, best: boolean): void {
    const point = this.point(trial);
    if (!point) return;
    const { css } = this.theme();
    const running = kindOf(trial) === 'running';
    const colour = best ? css.best : running ? css.running : cssOf(this.colour(trial));
    drawMark(context, best ? 'star' : SHAPES[kindOf(trial)], point.x, point.y, radius, colour, css.paper);
  }

  halo(context: CanvasRenderingContext2D, trial: Trial): void {
    const point = this.point(trial);
    if (!point) return;
    context.fillStyle = this.theme().css.halo;
    context.beginPath();
    context.arc(point.x, point.y, 10, 0, 2 * Math.PI);
    context.fill();
  }

  hit(x: number, y: number, trials: readonly Trial[], standsOut: (trial: Trial) => number): Trial | null {
    const away = (i: number) => {
      const point = this.point(trials[i] as Trial);
      return point ? Math.hypot(point.x - x, point.y - y) : Number.NaN;
    };
    const favour = (i: number) => standsOut(trials[i] as Trial);
    return trials[nearest(trials.length, away, favour, REACH)] ?? null;
  }

  rows(): { at: number; label: string }[] {
    return this.y.marks(Math.max(2, Math.floor((this.box.bottom - this.box.top) / 34)));
  }

  columns(): { at: number; label: string }[] {
    return this.x.marks(Math.max(2, Math.floor((this.box.right - this.box.left) / 70)));
  }

  private gridOn(raster: Raster): void {
    const { left, right } = scaled(this.box, this.ratio);
    const width = Math.max(1, Math.round(this.ratio));
    raster.setPen({ colour: this.theme().rgb.grid, alpha: 1, width, dash: null });
    for (const { at } of this.rows()) {
      const row = Math.round(this.py(at) * this.ratio - width / 2) + width / 2;
      raster.line([left, row, right, row], 2);
    }
  }
}

function lacks(axis: Axis, trial: Trial): boolean {
  return axis.optional && axis.value(trial) === undefined;
}
