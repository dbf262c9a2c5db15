import { describe, expect, it } from 'vitest';
import { Offsets, ROW } from '../src/views/offsets';

describe('Offsets', () => {
  const offsets = new Offsets(100, [
    [10, 200],
    [4, 50],
  ]);

  it('puts rows below what is opened above them', () => {
    expect([0, 4, 5, 10, 11].map(index => offsets.top(index) - index * ROW)).toEqual([0, 0, 50, 50, 250]);
    expect(offsets.total).toBe(100 * ROW + 250);
  });

  it('finds the row at a height', () => {
    for (const index of [0, 3, 4, 5, 10, 11, 99]) {
      expect(offsets.at(offsets.top(index))).toBe(index);
      expect(offsets.at(offsets.top(index + 1) - 1)).toBe(index);
    }
  });

  it('stays within the rows there are', () => {
    expect(offsets.at(-50)).toBe(0);
    expect(offsets.at(1e6)).toBe(99);
    expect(new Offsets().at(10)).toBe(0);
  });
});
