/** The small curve in a row of the table. */

import type { Curve } from '../state';
import type { Scale } from './columns';

const HEIGHT = 16;

/** Draws the curve on the scale that all rows share; one point per pixel is enough. */
export function drawSparkline(
  canvas: HTMLCanvasElement,
  curve: Curve,
  scale: Scale,
  width: number,
  colour: string,
): void {
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  const [w, h] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, HEIGHT);
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  trace(context, curve, scale, width);
  context.stroke();
}

function trace(context: CanvasRenderingContext2D, curve: Curve, scale: Scale, width: number): void {
  const last = Math.max(scale.longest, curve.lastStep ?? 0, 1);
  const span = scale.high - scale.low || 1;
  const stride = Math.max(1, Math.floor(curve.length / width));
  let pen = false;
  for (let i = 0; i < curve.length; i += stride) {
    const value = curve.values[i] ?? Number.NaN;
    const share = Math.max(0, Math.min(1, (value - scale.low) / span));
    const x = 1 + ((curve.steps[i] ?? 0) / last) * (width - 2);
    const y = HEIGHT - 1.5 - share * (HEIGHT - 3);
    if (!Number.isFinite(value)) pen = false;
    else if (pen) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      // A curve of one point is a point.
      if (curve.length === 1) context.lineTo(x + 1.5, y);
      pen = true;
    }
  }
}
