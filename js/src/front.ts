/** The Pareto front of a search with several objectives: the trials that no other one surpasses. */

import type { Trial } from './state';

/** What a trial told, more of each the better. */
type Point = readonly number[];

/** Grows trial by trial; held to maggy/core/objectives.py by tests/fixtures. */
export class Front {
  /** The best by the first objective first. */
  readonly trials: Trial[] = [];
  private readonly points: Point[] = [];
  private readonly members = new Set<Trial>();

  has(trial: Trial): boolean {
    return this.members.has(trial);
  }

  /**
   * Takes in a trial that told its objectives, 'max' or 'min' each. The revisions of those that it drives out
   * grow. Only those before its place can surpass it, and only those behind it be surpassed. Of two objectives
   * the second gets better along the front, so that its neighbours tell for all.
   */
  take(trial: Trial, directions: readonly string[]): void {
    const point = pointOf(trial, directions);
    const place = this.placeOf(trial, point);
    const neighbours = point.length === 2;
    for (let i = place - 1; i >= (neighbours ? place - 1 : 0); i--)
      if (surpasses(this.points[i], point)) return;
    for (let i = place; i < this.points.length; )
      if (surpasses(point, this.points[i])) this.drop(i);
      else if (neighbours) break;
      else i++;
    this.members.add(trial);
    this.trials.splice(place, 0, trial);
    this.points.splice(place, 0, point);
  }

  private drop(index: number): void {
    const [trial] = this.trials.splice(index, 1);
    this.points.splice(index, 1);
    if (!trial) return;
    this.members.delete(trial);
    trial.revision++;
  }

  private placeOf(trial: Trial, point: Point): number {
    let [low, high] = [0, this.points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const by = ahead(point, this.points[middle]) || (this.trials[middle] as Trial).number - trial.number;
      if (by > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function pointOf(trial: Trial, directions: readonly string[]): Point {
  return directions.map((direction, i) => (direction === 'min' ? -1 : 1) * (trial.objectives?.[i] ?? 0));
}

/** Whether `a` is better than `b` in one objective, and as good in all others. */
function surpasses(a: Point | undefined, b: Point | undefined): boolean {
  if (!a || !b) return false;
  let better = false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i] as number;
    const right = b[i] as number;
    if (left < right) return false;
    better ||= left > right;
  }
  return better;
}

/** Above 0 where `a` is better in the first objective in which they differ; 0 where they differ in none. */
function ahead(a: Point, b: Point | undefined): number {
  for (const [i, left] of a.entries()) {
    const right = b?.[i] ?? 0;
    if (left !== right) return left > right ? 1 : -1;
  }
  return 0;
}
