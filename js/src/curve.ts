/** A trial's metric by step: two arrays that grow by doubling. Only [0, length) of them is data. */
export class Curve {
  length = 0;
  steps = new Float64Array(0);
  values = new Float64Array(0);

  /** Takes in as many steps as values. Spelled numbers ("NaN") are read. */
  append(steps: ArrayLike<unknown>, values: ArrayLike<unknown>): void {
    const length = this.length + steps.length;
    if (length > this.steps.length) {
      // Exactly at first: most curves of a snapshot are whole and never grow.
      const room = this.length === 0 ? length : Math.max(16, 2 * length);
      this.steps = grown(this.steps, this.length, room);
      this.values = grown(this.values, this.length, room);
    }
    this.steps.set(steps as ArrayLike<number>, this.length);
    this.values.set(values as ArrayLike<number>, this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
  }

  /** The newest value, null before the first. */
  get last(): number | null {
    return this.length === 0 ? null : (this.values[this.length - 1] ?? null);
  }

  /** The newest step, null before the first. */
  get lastStep(): number | null {
    return this.length === 0 ? null : (this.steps[this.length - 1] ?? null);
  }
}

function grown(old: Float64Array, used: number, room: number): Float64Array<ArrayBuffer> {
  const fresh = new Float64Array(room);
  fresh.set(old.subarray(0, used));
  return fresh;
}
