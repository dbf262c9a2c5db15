/** The Pareto front of a search with several objectives: the trials that no other one surpasses. */

import type { Trial } from './state';

/** Grows trial by trial; held to maggy/core/objectives.py by tests/fixtures. */
export class Front {
  /** The best by the first objective first. */
  readonly trials: Trial[] = [];
  private readonly members = new Set<Trial>();

  has(trial: Trial): boolean {
    return this.members.has(trial);
  }

  /**
   * Takes in a trial that told its objectives ('max' or 'min' each). It costs a look at the front, not at all
   * trials. The revisions of those that it drives out grow.
   */
  take(trial: Trial, directions: readonly string[]): void {
    const signs = directions.map(direction => (direction === 'min' ? -1 : 1));
    if (this.trials.some(other => surpasses(other, trial, signs))) return;
    const beaten = this.trials.filter(other => surpasses(trial, other, signs));
    for (const other of beaten) {
      this.members.delete(other);
      this.trials.splice(this.trials.indexOf(other), 1);
      other.revision++;
    }
    this.members.add(trial);
    this.trials.splice(this.place(trial, signs), 0, trial);
  }

  private place(trial: Trial, signs: readonly number[]): number {
    const at = this.trials.findIndex(other => before(trial, other, signs));
    return at < 0 ? this.trials.length : at;
  }
}

/** Whether `a` is better than `b` in one objective, and as good in all others. */
function surpasses(a: Trial, b: Trial, signs: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < signs.length; i++) {
    const by = ahead(a, b, signs, i);
    if (by < 0) return false;
    better ||= by > 0;
  }
  return better;
}

function before(a: Trial, b: Trial, signs: readonly number[]): boolean {
  for (let i = 0; i < signs.length; i++) {
    const by = ahead(a, b, signs, i);
    if (by !== 0) return by > 0;
  }
  return a.number < b.number;
}

/** Above 0 where `a` is better in this objective. */
function ahead(a: Trial, b: Trial, signs: readonly number[], i: number): number {
  const [left, right] = [a.objectives?.[i] ?? 0, b.objectives?.[i] ?? 0];
  return left === right ? 0 : (signs[i] ?? 1) * (left > right ? 1 : -1);
}
