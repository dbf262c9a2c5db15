/** The axes of a search's objectives after the first. */

import { type Further, furtherOf, toldOf } from '../objectives';
import type { State } from '../state';
import { type Axis, furtherAxis } from './axis';
import { sorted } from './domain';
import { Fit } from './fit';

export class FurtherAxes {
  axes: readonly Axis[] = [];
  private known: { further: Further; fit: Fit }[] = [];

  /** Takes the objectives anew. */
  read(state: State): void {
    this.known = furtherOf(state).map(further => ({ further, fit: new Fit() }));
    this.make();
  }

  /** Looks at what the trials told; whether any axis is another one now. */
  look(state: State): boolean {
    const moved = this.known.map(({ further: { index, direction }, fit }) => {
      const told = (trial: State['trials'][number]) => toldOf(trial, index) ?? Number.NaN;
      return fit.to(sorted(state.trials.map(told)), direction, state.front.trials.map(told));
    });
    if (!moved.includes(true)) return false;
    this.make();
    return true;
  }

  private make(): void {
    this.axes = this.known.map(({ further, fit }) => furtherAxis(further, fit.scale));
  }
}
