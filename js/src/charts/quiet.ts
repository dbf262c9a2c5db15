/** The layer of finished trials: drawn whole in slices when it must be, else added to one by one. */

import { within } from './labels';
import { Raster } from './raster';
import type { Stage } from './stage';

/**
 * Milliseconds of a frame that may go into a redrawing; the rest belongs to what moves. Where frames are slow
 * anyway it is half of one, up to the longest, which also holds while there is nothing to see yet.
 */
const [SLICE, LONGEST] = [9, 40];
/** Milliseconds between two looks at the first picture, while it comes to be. */
const PEEK = 200;

interface Job {
  raster: Raster;
  todo: Iterator<unknown>;
}

export class Quiet {
  private front: Raster | null = null;
  private back: Job | null = null;
  private again = false;
  private last = 0;
  private peeked = 0;
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
   * `now` is for a new size or another state, with which the old picture is of no use.
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
    const now = performance.now();
    const until = now + (this.front ? within((now - this.last) / 2, SLICE, LONGEST) : LONGEST);
    this.last = now;
    if (this.back && !this.work(this.back, context, until)) {
      if (!this.front && now - this.peeked > PEEK) {
        this.peeked = now;
        this.back.raster.flush(context);
      }
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
  private work(back: Job, context: CanvasRenderingContext2D, until: number): boolean {
    while (!back.todo.next().done) if (performance.now() >= until) return false;
    this.back = null;
    this.front = back.raster;
    this.front.flush(context, true);
    return true;
  }
}
