/** The layer of finished trials: drawn whole in slices when it must be, else added to one by one. */

import { Raster } from './raster';
import type { Stage } from './stage';

/** Milliseconds of a frame that may go into a redrawing; the rest belongs to what moves. */
const SLICE = 9;

export class Quiet {
  private front: Raster | null = null;
  private back: { raster: Raster; todo: Iterator<unknown> } | null = null;
  private again = false;
  private readonly waiting: (() => void)[] = [];
  private readonly stage: Stage;
  private readonly prepare: (raster: Raster) => Iterator<unknown>;
  private target: Raster | null = null;

  /** `prepare` draws everything onto the raster, yielding now and then. */
  constructor(stage: Stage, prepare: (raster: Raster) => Iterator<unknown>) {
    this.stage = stage;
    this.prepare = prepare;
  }

  /**
   * Draws all anew. One that is under way ends first, so that something is seen while a brush is dragged;
   * `now` is for a new size, at which the old picture is of no use.
   */
  redraw(now = false): void {
    if (now) this.front = null;
    if (this.back && !now) this.again = true;
    else this.begin();
    this.stage.invalidate('quiet');
  }

  /** Adds to what is there; in the order of the calls, after a redrawing that is under way. */
  add(draw: (raster: Raster) => void): void {
    this.waiting.push(() => this.target && draw(this.target));
    this.stage.invalidate('quiet');
  }

  /** A slice of the work; call it when the layer is due. */
  paint(): void {
    const context = this.stage.raw('quiet');
    if (!context) return;
    const until = performance.now() + SLICE;
    if (this.back && !this.work(this.back, until)) {
      // The first time, something is better than nothing.
      if (!this.front) this.back.raster.flush(context);
      this.stage.invalidate('quiet');
      return;
    }
    if (this.again) {
      this.again = false;
      this.redraw();
      return;
    }
    this.target = this.front;
    while (this.waiting.length > 0 && performance.now() < until) this.waiting.shift()?.();
    this.front?.flush(context);
    if (this.waiting.length > 0) this.stage.invalidate('quiet');
  }

  private begin(): void {
    const { width, height, ratio } = this.stage;
    const raster = new Raster(Math.round(width * ratio), Math.round(height * ratio));
    this.waiting.length = 0;
    this.back = { raster, todo: this.prepare(raster) };
  }

  /** Whether the redrawing is done and on the screen. */
  private work(back: { raster: Raster; todo: Iterator<unknown> }, until: number): boolean {
    while (!back.todo.next().done) if (performance.now() >= until) return false;
    this.back = null;
    this.front = back.raster;
    this.stage.wiped('quiet');
    this.front.flush(this.stage.raw('quiet') as CanvasRenderingContext2D);
    return true;
  }
}
