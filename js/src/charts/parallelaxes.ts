/** The axes themselves, with ticks, the legend of the metric, and brushes. */

import { showNumber } from '../format';
import type { Trial } from '../state';
import type { Brush } from '../store';
import type { Axes } from './axes';
import { ABSENT, type Axis } from './axis';
import { within } from './labels';
import { shortened } from './names';
import { inscribe, setFont } from './paper';
import type { ParallelPlot } from './parallelplot';
import type { Theme } from './theme';
import { metricText } from './words';

/** How far, in gaps, the name of a choice may reach beyond its axis. */
const ACROSS = 0.45;

export function drawAxis(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  axis: Axis,
  index: number,
  theme: Theme,
): void {
  const { top, bottom } = plot.box;
  const x = drawLine(context, plot, index, theme);
  // Where axes stand close, their ends say enough.
  const count = plot.gap < 70 && index > 0 ? 2 : Math.floor((bottom - top) / (axis.log ? 44 : 60));
  const marks = axis.scale ? axis.marks(count) : axis.marks(Math.floor((bottom - top) / 26));
  const shown = plot.gap < 70 && index > 0 && marks.length > 2 ? [marks[0], marks[marks.length - 1]] : marks;
  const left = index === 0 ? 2 : plot.axisX(index - 1) + 6;
  const width = (text: string) => context.measureText(text).width;
  const labels = marks.map(mark => mark.label);
  setFont(context, theme);
  for (const mark of shown) {
    if (!mark) continue;
    // The name of a choice stands above its lines, in the space between bands.
    const at = axis.scale ? mark.at : mark.at + (0.5 - 0.12) / Math.max(1, axis.bands.length);
    // Where it does not fit between the axes it goes across its own.
    const text = shortened(mark.label, labels, x - left + ACROSS * plot.gap, width);
    inscribe(context, theme, text, Math.max(left, x - 6 - width(text)), plot.y(at));
  }
  if (!axis.optional) return;
  context.fillStyle = theme.css.axis;
  context.fillRect(Math.round(x) - 4, Math.round(plot.rail) - 1, 8, 2);
  inscribe(context, theme, ABSENT, x, plot.rail + 12, { align: 'center' });
}

/** The axis itself; where it stands. */
function drawLine(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  index: number,
  theme: Theme,
): number {
  const { top, bottom } = plot.box;
  const x = plot.axisX(index);
  context.fillStyle = theme.css.axis;
  context.fillRect(Math.round(x) - 1, top - 4, 2, bottom - top + 8);
  return x;
}

/** Of an objective after the metric: what the marks say stands right of it, as beside the metric's axis. */
export function drawFurtherAxis(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  axis: Axis,
  index: number,
  theme: Theme,
): void {
  const { top, bottom } = plot.box;
  const x = drawLine(context, plot, index, theme);
  for (const { at, label } of axis.marks(Math.floor((bottom - top) / (axis.log ? 44 : 60))))
    inscribe(context, theme, label, x + 8, plot.y(at));
}

/** What stands beside the metric's axis: ticks, and the best. */
export function drawLegend(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  axes: Axes,
  theme: Theme,
  best: Trial | null,
  narrow: boolean,
): void {
  const { top, bottom } = plot.box;
  const x = plot.axisX(plot.metricAt);
  const end = best && plot.atMetric(best);
  const rows = best && end ? bestRows(best, axes, narrow) : [];
  const first = end ? within(end.y, top, bottom - 14 * (rows.length - 1)) : Number.NaN;
  for (const { at, label } of axes.metric.marks(Math.floor((bottom - top) / 36))) {
    const y = plot.y(at);
    if (!(y > first - 14 && y < first + 14 * rows.length)) inscribe(context, theme, label, x + 10, y);
  }
  const ink = { bold: true, colour: theme.css.best };
  for (const [i, row] of rows.entries()) inscribe(context, theme, row, x + 14, first + 14 * i, ink);
}

/** What stands beside the best one's end. */
export function bestRows(best: Trial, axes: Axes, narrow: boolean): string[] {
  const words = [metricText(best.finalMetric ?? Number.NaN, axes.scale), `#${best.number}`];
  return narrow ? words : [words.join(' ')];
}

export function drawBrush(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  index: number,
  stretches: readonly { low: number; high: number }[],
  brush: Brush,
  theme: Theme,
): void {
  const x = plot.axisX(index);
  const colour = theme.css.running;
  for (const { low, high } of stretches) {
    const [from, to] = [plot.y(low), plot.y(high)];
    context.globalAlpha = 0.28;
    context.fillStyle = colour;
    context.fillRect(x - 6, to, 12, from - to);
    context.globalAlpha = 1;
    context.fillRect(x - 9, to - 1, 18, 2);
    context.fillRect(x - 9, from - 1, 18, 2);
  }
  const [first] = stretches;
  if ('choices' in brush || !first) return;
  const ink = { bold: true, colour };
  if (Number.isFinite(brush.high))
    inscribe(context, theme, showNumber(brush.high), x + 11, plot.y(first.high) - 7, ink);
  if (Number.isFinite(brush.low))
    inscribe(context, theme, showNumber(brush.low), x + 11, plot.y(first.low) + 8, ink);
}
