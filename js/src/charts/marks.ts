/** The mark of each kind of trial: a shape for each, so that colour is never all there is. */

import type { Kind } from '../state';

/** `up` and `down` say that a value lies beyond the edge. */
export type Shape = 'disc' | 'ring' | 'square' | 'cross' | 'star' | 'diamond' | 'up' | 'down';

export const SHAPES: { [kind in Kind]: Shape } = {
  waiting: 'disc',
  running: 'disc',
  finished: 'disc',
  early: 'ring',
  hand: 'square',
  failed: 'cross',
  cancelled: 'disc',
};

/** Draws a mark with its middle at x, y; hollow ones and stars on paper, so that lines end at their edge. */
export function drawMark(
  context: CanvasRenderingContext2D,
  shape: Shape,
  x: number,
  y: number,
  radius: number,
  colour: string,
  paper: string,
): void {
  context.setLineDash([]);
  context.beginPath();
  trace[shape](context, x, y, radius);
  if (shape === 'cross') {
    strokeWith(context, paper, 4.5);
    strokeWith(context, colour, 2);
  } else {
    strokeWith(context, paper, shape === 'ring' ? 4 : 2.5);
    context.fillStyle = shape === 'ring' ? paper : colour;
    context.fill();
    if (shape === 'ring') strokeWith(context, colour, 1.6);
  }
}

function strokeWith(context: CanvasRenderingContext2D, colour: string, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

const trace: {
  [shape in Shape]: (context: CanvasRenderingContext2D, x: number, y: number, radius: number) => void;
} = {
  disc: (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
  ring: (context, x, y, r) => context.arc(x, y, r - 0.8, 0, 2 * Math.PI),
  square: (context, x, y, r) => context.rect(x - 0.85 * r, y - 0.85 * r, 1.7 * r, 1.7 * r),
  cross(context, x, y, r) {
    const d = 0.8 * r;
    context.moveTo(x - d, y - d);
    context.lineTo(x + d, y + d);
    context.moveTo(x - d, y + d);
    context.lineTo(x + d, y - d);
  },
  star(context, x, y, r) {
    for (let i = 0; i < 10; i++) {
      const reach = i % 2 ? r * 0.62 : r * 1.5;
      const angle = (i * Math.PI) / 5 - Math.PI / 2;
      context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
    context.closePath();
  },
  diamond(context, x, y, r) {
    const d = 1.3 * r;
    for (const [dx, dy] of [
      [0, -d],
      [d, 0],
      [0, d],
      [-d, 0],
    ] as const)
      context.lineTo(x + dx, y + dy);
    context.closePath();
  },
  up: (context, x, y, r) => triangle(context, x, y, r),
  down: (context, x, y, r) => triangle(context, x, y, -r),
};

function triangle(context: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  context.moveTo(x, y - r);
  context.lineTo(x + Math.abs(r), y + r * 0.8);
  context.lineTo(x - Math.abs(r), y + r * 0.8);
  context.closePath();
}
