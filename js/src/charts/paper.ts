/** Small things drawn on canvases by every chart. */

import type { Box } from './labels';
import type { Theme } from './theme';

export const SMALL = 11;

/** Text with an edge of paper, so that it reads over lines. */
export function inscribe(
  context: CanvasRenderingContext2D,
  theme: Theme,
  text: string,
  x: number,
  y: number,
  { colour = theme.css.muted, bold = false, align = 'left' }: Ink = {},
): void {
  setFont(context, theme, bold);
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.setLineDash([]);
  context.lineWidth = 3.5;
  context.strokeStyle = theme.css.paper;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

export interface Ink {
  colour?: string;
  bold?: boolean;
  align?: CanvasTextAlign;
}

/** What each canvas has, with its size, as a new size forgets it: to set a font is slow. */
const fonts = new WeakMap<CanvasRenderingContext2D, string>();

export function setFont(context: CanvasRenderingContext2D, theme: Theme, bold = false): void {
  const { width, height } = context.canvas;
  const font = `${bold ? 600 : 400} ${SMALL}px ${theme.font}`;
  const key = `${font} ${width} ${height}`;
  if (fonts.get(context) === key) return;
  fonts.set(context, key);
  context.font = font;
}

/** Strokes a line through `count` points (x, y, ...); NaN interrupts it. */
export function strokeLine(
  context: CanvasRenderingContext2D,
  points: ArrayLike<number>,
  count: number,
  colour: string,
  width: number,
  dash: readonly number[] = [],
): void {
  context.beginPath();
  let down = false;
  for (let i = 0; i < count; i++) {
    const [x, y] = [points[2 * i] as number, points[2 * i + 1] as number];
    if (Number.isNaN(y)) down = false;
    else if (down) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      down = true;
    }
  }
  context.lineJoin = 'round';
  context.lineCap = 'butt';
  context.setLineDash([...dash]);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

export function clipTo(context: CanvasRenderingContext2D, box: Box, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  draw();
  context.restore();
}

export function scaled(box: Box, ratio: number): Box {
  return {
    left: box.left * ratio,
    top: box.top * ratio,
    right: box.right * ratio,
    bottom: box.bottom * ratio,
  };
}

/** The same for lines that do not pass the filter; in a crowd they are but a shade. */
export function alphaOutside(lines: number): number {
  return lines > 500 ? 0.35 * alphaFor(lines) : Math.min(0.5, 1.2 * alphaFor(lines));
}

/** How strong each of many lines is: fewer lines, stronger lines; in steps, so that it seldom changes. */
export function alphaFor(lines: number): number {
  const crowd = 2 ** Math.ceil(Math.log2(Math.max(1, lines)));
  return Math.min(0.5, Math.max(0.05, 0.5 * Math.sqrt(48 / crowd)));
}
