/** The axes themselves, with ticks, the legend of the metric, and brushes. */

import { showNumber } from '../format';
import type { Trial } from '../state';
import type { Brush } from '../store';
import type { Axes } from './axes';
import type { Axis } from './axis';
import { fitted, inscribe, setFont } from './paper';
import type { ParallelPlot } from './parallelplot';
import type { Theme } from './theme';
import { metricText } from './words';

export function drawAxis(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  axis: Axis,
  index: number,
  theme: Theme,
): void {
  const { top, bottom } = plot.box;
  const x = plot.axisX(index);
  context.fillStyle = theme.css.axis;
  context.fillRect(Math.round(x) - 1, top - 4, 2, bottom - top + 8);
  // Where axes stand close, their ends say enough.
  const count = plot.gap < 70 && index > 0 ? 2 : Math.floor((bottom - top) / (axis.log ? 44 : 60));
  const marks = axis.scale ? axis.marks(count) : axis.marks(Math.floor((bottom - top) / 26));
  const shown = plot.gap < 70 && index > 0 && marks.length > 2 ? [marks[0], marks[marks.length - 1]] : marks;
  const room = index === 0 ? plot.box.left - 10 : plot.gap - 14;
  setFont(context, theme);
  for (const mark of shown) {
    if (!mark) continue;
    // The name of a choice stands above its lines, in the space between bands.
    const at = axis.scale ? mark.at : mark.at + (0.5 - 0.12) / Math.max(1, axis.bands.length);
    const text = fitted(context, mark.label, Math.max(24, room));
    inscribe(context, theme, text, x - 6, plot.y(at), { align: 'right' });
  }
}

/** What stands beside the metric's axis: ticks, and the best. */
export function drawLegend(
  context: CanvasRenderingContext2D,
  plot: ParallelPlot,
  axes: Axes,
  theme: Theme,
  best: Trial | null,
): void {
  const { top, bottom } = plot.box;
  const x = plot.axisX(plot.axes.length - 1);
  const end = best && plot.end(best);
  const taken = end?.y ?? Number.NaN;
  for (const { at, label } of axes.metric.marks(Math.floor((bottom - top) / 36)))
    if (!(Math.abs(plot.y(at) - taken) < 14)) inscribe(context, theme, label, x + 10, plot.y(at));
  if (!best || !end) return;
  const text = `${metricText(best.finalMetric ?? Number.NaN, axes.scale)} #${best.number}`;
  inscribe(context, theme, text, x + 14, end.y, { bold: true, colour: theme.css.best });
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
