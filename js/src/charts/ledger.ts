/** What of the store's trials stands on a quiet layer, and whether that still holds. */

import { kindOf, type State, type Trial } from '../state';
import type { Store } from '../store';

export class Ledger {
  private readonly store: Store;
  private state: State | null = null;
  private filter = '';
  private chosen: string | null = null;
  /** By trial's number less one. */
  private drawn: boolean[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  /** Whether a snapshot took the place of the state since the last call. */
  replaced(): boolean {
    if (this.state === this.store.state) return false;
    this.state = this.store.state;
    this.drawn = [];
    return true;
  }

  /** Whether other trials may pass than at the last call. */
  filtered(): boolean {
    const { filter, brushes } = this.store.ui;
    const limits = [...brushes].map(([axis, b]) =>
      'choices' in b ? [axis, ...b.choices] : [axis, String(b.low), String(b.high)],
    );
    const key = JSON.stringify([filter, limits]);
    const changed = key !== this.filter;
    this.filter = key;
    return changed;
  }

  /** Whether another trial is selected than at the last call. */
  selected(): boolean {
    const { selected } = this.store.ui;
    const changed = selected !== this.chosen;
    this.chosen = selected;
    return changed;
  }

  /** Trials that have ended and were not handed out yet. */
  ended(): Trial[] {
    const fresh = this.store.state.trials.filter(trial => !this.drawn[trial.number - 1] && hasEnded(trial));
    for (const trial of fresh) this.drawn[trial.number - 1] = true;
    return fresh;
  }
}

function hasEnded(trial: Trial): boolean {
  const kind = kindOf(trial);
  return kind !== 'running' && kind !== 'waiting';
}
