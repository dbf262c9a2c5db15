/** The scale of an objective: fitted to what trials told, and steady while they tell more. */

import { crowd, spacingsFor, steady } from './domain';
import { type Range, type Scale, type Spacing, scaleOf } from './scale';

export class Fit {
  scale: Scale = scaleOf('linear', { low: 0, high: 1 });
  /** What it was fitted to last, sorted. */
  values: Float64Array = new Float64Array();
  private domain: (Range & { spacing: Spacing }) | null = null;

  forget(): void {
    this.domain = null;
  }

  /** Fits it to these values (sorted), of which `keep` are to be seen; whether the scale is another one now. */
  to(values: Float64Array, direction: string | undefined, keep: readonly number[]): boolean {
    const [fresh] = spacingsFor(values, direction === 'min' ? 'min' : 'max');
    // Another spacing for a handful of values more would make the picture jump.
    const spacing = this.domain && values.length < 2 * this.values.length ? this.domain.spacing : fresh;
    const old = this.domain?.spacing === spacing ? this.domain : null;
    const range = steady(old, crowd(values, spacing, keep), spacing);
    if (range === old) return false;
    this.values = values;
    this.domain = { ...range, spacing };
    this.scale = scaleOf(spacing, this.domain);
    return true;
  }
}
