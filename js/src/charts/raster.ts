/**
 * Many quiet lines, fast: a picture in memory to which lines and marks are blended one by one.
 *
 * A 2D canvas without a graphics card takes a second for ten thousand curves; this takes a tenth of that,
 * and a curve that comes later costs only itself. Units are device pixels.
 */

import type { Box } from './labels';
import type { Shape } from './marks';

/** Red, green, blue, each 0..1. */
export type Rgb = readonly [number, number, number];

export interface Pen {
  colour: Rgb;
  /** Of each line; where lines overlap the picture gets denser. */
  alpha: number;
  width: number;
  /** Lengths on and off, in pixels; null for a solid line. */
  dash: readonly [number, number] | null;
}

export class Raster {
  readonly width: number;
  readonly height: number;
  /** Premultiplied red, green, blue, alpha. */
  private readonly pixels: Float32Array;
  private pen: Pen = { colour: [0, 0, 0], alpha: 1, width: 1, dash: null };
  private clip: Box;
  private dirty: Box | null = null;
  private travelled = 0;

  constructor(width: number, height: number) {
    this.width = Math.max(1, Math.floor(width));
    this.height = Math.max(1, Math.floor(height));
    this.pixels = new Float32Array(this.width * this.height * 4);
    this.clip = { left: 0, top: 0, right: this.width, bottom: this.height };
  }

  setClip({ left, top, right, bottom }: Box): void {
    this.clip = {
      left: Math.max(0, Math.round(left)),
      top: Math.max(0, Math.round(top)),
      right: Math.min(this.width, Math.round(right)),
      bottom: Math.min(this.height, Math.round(bottom)),
    };
  }

  setPen(pen: Pen): void {
    this.pen = pen;
  }

  /** A line through `count` points (x, y, x, y, ...); a coordinate that is NaN interrupts it. */
  line(points: ArrayLike<number>, count: number): void {
    this.travelled = 0;
    for (let i = 1; i < count; i++) {
      const at = 2 * i;
      this.segment(
        points[at - 2] as number,
        points[at - 1] as number,
        points[at] as number,
        points[at + 1] as number,
      );
    }
  }

  /** A mark with its middle at x, y; `radius` in pixels. */
  mark(shape: Shape, x: number, y: number, radius: number, colour: Rgb, alpha: number): void {
    const reach = Math.ceil(radius + 2);
    const [left, top] = [Math.floor(x) - reach, Math.floor(y) - reach];
    for (let j = Math.max(0, top); j <= Math.min(this.height - 1, top + 2 * reach); j++)
      for (let i = Math.max(0, left); i <= Math.min(this.width - 1, left + 2 * reach); i++) {
        const covered = COVERAGE[shape](i + 0.5 - x, j + 0.5 - y, radius);
        if (covered > 0) this.blend((j * this.width + i) * 4, colour, Math.min(1, covered) * alpha);
      }
    this.touch(left, top, left + 2 * reach, top + 2 * reach);
  }

  /** Brings onto the canvas what changed since the last time, or the whole picture in place of what is there. */
  flush(context: CanvasRenderingContext2D, whole = false): void {
    if (whole) this.touch(0, 0, this.width, this.height);
    if (!this.dirty) return;
    const { left, top, right, bottom } = this.dirty;
    this.dirty = null;
    if (right <= left || bottom <= top) return;
    const image = context.createImageData(right - left, bottom - top);
    let to = 0;
    for (let y = top; y < bottom; y++) {
      let from = (y * this.width + left) * 4;
      for (let x = left; x < right; x++, from += 4, to += 4) {
        const alpha = this.pixels[from + 3] as number;
        if (alpha <= 0) continue;
        const scale = 255 / alpha;
        image.data[to] = (this.pixels[from] as number) * scale;
        image.data[to + 1] = (this.pixels[from + 1] as number) * scale;
        image.data[to + 2] = (this.pixels[from + 2] as number) * scale;
        image.data[to + 3] = alpha * 255;
      }
    }
    context.putImageData(image, left, top);
  }

  /** How opaque the pixel is, 0..1. */
  alphaAt(x: number, y: number): number {
    return this.pixels[(Math.floor(y) * this.width + Math.floor(x)) * 4 + 3] ?? 0;
  }

  /**
   * Walks along the longer side, a pixel at a time, and covers what the line's width covers there.
   * Half-open, so that lines that join do not darken their joint.
   */
  private segment(x0: number, y0: number, x1: number, y1: number): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    if (!(dx * dx + dy * dy < Number.POSITIVE_INFINITY)) return;
    const steep = Math.abs(dy) > Math.abs(dx);
    if (steep)
      this.walk(y0, x0, y1, x1, this.clip.top, this.clip.bottom, this.clip.left, this.clip.right, true);
    else this.walk(x0, y0, x1, y1, this.clip.left, this.clip.right, this.clip.top, this.clip.bottom, false);
    if (this.pen.dash) this.travelled += length(dx, dy);
  }

  /** `a` runs along the longer side, `b` across. */
  private walk(
    a0: number,
    b0: number,
    a1: number,
    b1: number,
    aLow: number,
    aHigh: number,
    bLow: number,
    bHigh: number,
    steep: boolean,
  ): void {
    if (a0 === a1) return;
    const { colour, alpha, width, dash } = this.pen;
    const slope = (b1 - b0) / (a1 - a0);
    const stretch = Math.sqrt(1 + slope * slope);
    const half = (width / 2) * stretch;
    const first = Math.max(aLow, Math.ceil(Math.min(a0, a1) - 0.5));
    const last = Math.min(aHigh - 1, Math.ceil(Math.max(a0, a1) - 0.5) - 1);
    if (last < first) return;
    const alongStride = steep ? this.width * 4 : 4;
    const acrossStride = steep ? 4 : this.width * 4;
    const on = dash ? dash[0] : 1;
    const period = dash ? dash[0] + dash[1] : 0;
    for (let i = first; i <= last; i++) {
      const along = i + 0.5 - a0;
      if (period > 0 && (this.travelled + Math.abs(along) * stretch) % period >= on) continue;
      const middle = b0 + along * slope;
      const from = Math.max(bLow, middle - half);
      const to = Math.min(bHigh, middle + half);
      for (let j = Math.floor(from); j < to; j++) {
        const covered = Math.min(j + 1, to) - Math.max(j, from);
        if (covered > 0) this.blend(i * alongStride + j * acrossStride, colour, covered * alpha);
      }
    }
    const b = Math.min(b0, b1) - half;
    const c = Math.max(b0, b1) + half + 1;
    if (steep) this.touch(b, first, c, last + 1);
    else this.touch(first, b, last + 1, c);
  }

  private blend(index: number, colour: Rgb, alpha: number): void {
    const { pixels } = this;
    const rest = 1 - alpha;
    pixels[index] = (pixels[index] as number) * rest + colour[0] * alpha;
    pixels[index + 1] = (pixels[index + 1] as number) * rest + colour[1] * alpha;
    pixels[index + 2] = (pixels[index + 2] as number) * rest + colour[2] * alpha;
    pixels[index + 3] = (pixels[index + 3] as number) * rest + alpha;
  }

  private touch(left: number, top: number, right: number, bottom: number): void {
    this.dirty ??= { left: this.width, top: this.height, right: 0, bottom: 0 };
    const { dirty } = this;
    dirty.left = Math.max(0, Math.min(dirty.left, Math.floor(left)));
    dirty.top = Math.max(0, Math.min(dirty.top, Math.floor(top)));
    dirty.right = Math.min(this.width, Math.max(dirty.right, Math.ceil(right)));
    dirty.bottom = Math.min(this.height, Math.max(dirty.bottom, Math.ceil(bottom)));
  }
}

/** How much of a pixel at dx, dy from the middle the mark covers, from the distance to its edge. */
const COVERAGE: { [shape in Shape]: (dx: number, dy: number, radius: number) => number } = {
  disc: (dx, dy, r) => r - length(dx, dy) + 0.5,
  ring: (dx, dy, r) => stroke(r) - Math.abs(length(dx, dy) - r + stroke(r) / 2) + 0.3,
  square: (dx, dy, r) => 0.85 * r - Math.max(Math.abs(dx), Math.abs(dy)) + 0.5,
  cross: (dx, dy, r) =>
    Math.max(Math.abs(dx), Math.abs(dy)) > 0.85 * r
      ? 0
      : stroke(r) - Math.min(Math.abs(dx - dy), Math.abs(dx + dy)) * Math.SQRT1_2 + 0.3,
  star: (dx, dy, r) => r - length(dx, dy) + 0.5,
  diamond: (dx, dy, r) => (1.3 * r - Math.abs(dx) - Math.abs(dy)) * Math.SQRT1_2 + 0.5,
  up: triangle,
  down: (dx, dy, r) => triangle(dx, -dy, r),
};

/** Math.hypot is ten times slower. */
function length(dx: number, dy: number): number {
  return Math.sqrt(dx * dx + dy * dy);
}

function triangle(dx: number, dy: number, radius: number): number {
  return Math.min(0.8 * radius - dy, (radius + dy) * 0.49 - Math.abs(dx) * 0.87) + 0.5;
}

function stroke(radius: number): number {
  return Math.max(0.7, radius / 5);
}
