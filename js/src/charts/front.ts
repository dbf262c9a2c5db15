/** The Pareto front in a scatter: its trials marked and, of two objectives, joined by a quiet flight of steps. */

import { METRIC, objectiveName } from '../keys';
import type { State, Trial } from '../state';
import { drawMark } from './marks';
import { strokeLine } from './paper';
import type { ScatterPlot } from './scatterplot';
import { cssOf, type Theme } from './theme';

/** More marks than these cover each other. */
const MOST = 500;

/** Whether the scatter shows one objective against another. */
export function showsFront({ x, y }: ScatterPlot, state: State): boolean {
  const ofObjective = (key: string) => key === METRIC || objectiveName(key) !== null;
  return state.front.trials.length > 0 && x.key !== y.key && ofObjective(x.key) && ofObjective(y.key);
}

/** Draws the front, the best by the first objective aside; trials for which `passes` is false have no mark. */
export function drawFront(
  context: CanvasRenderingContext2D,
  plot: ScatterPlot,
  state: State,
  theme: Theme,
  passes: (trial: Trial) => boolean,
): void {
  const { trials } = state.front;
  // Of three objectives a trial may be on the front, and surpassed in the two that are seen.
  if (state.objectives.length === 2 && showsFront(plot, state)) {
    const steps = stepsThrough(
      trials.map(trial => plot.point(trial)).filter(point => point !== null),
      plot,
    );
    strokeLine(context, steps, steps.length / 2, theme.css.muted, 1.2);
  }
  const stride = Math.ceil(trials.length / MOST);
  for (const trial of trials.filter((_, i) => i % stride === 0)) {
    const point = plot.point(trial);
    if (!point || trial === state.best || !passes(trial)) continue;
    drawMark(context, 'diamond', point.x, point.y, 4.5, cssOf(plot.colour(trial)), theme.css.best);
  }
}

/**
 * The edge of what the points surpass, as x, y, x, y, ...: from each, which is better in the first objective,
 * to the next by way of the corner that is as bad as the worse one in both.
 */
export function stepsThrough(points: readonly { x: number; y: number }[], plot: ScatterPlot): number[] {
  const upright = plot.y.key === METRIC;
  return points.flatMap(({ x, y }, i) => {
    const before = points[i - 1];
    if (!before) return [x, y];
    return upright ? [before.x, y, x, y] : [x, before.y, x, y];
  });
}
