import { describe, expect, it } from 'vitest';
import {
  cleanLog,
  clock,
  columnFormat,
  decimalsFor,
  plain,
  show,
  showAligned,
  showMetric,
} from '../src/format';
import type { Parameter } from '../src/parameters';

describe('values', () => {
  it.each([
    [0.0316, '0.0316'],
    [0.00071234, '7.1e-4'],
    [12000, '12000'],
    [1.5e7, '1.5e7'],
    [true, 'True'],
    [null, 'None'],
    ['adam', 'adam'],
    [['deep', [3, null]], '(deep, (3, None))'],
    [undefined, ''],
  ])('shows %j as %s', (value, text) => expect(show(value)).toBe(text));

  it.each([
    [0.963, '0.963'],
    [12.3456, '12.35'],
    [0, '0.000'],
    [3e-7, '3.0e-7'],
    [Number.NaN, 'nan'],
  ])('shows the metric %d as %s', (value, text) => expect(showMetric(value)).toBe(text));

  it('aligns metrics by the value in the middle, and spells out what does not fit', () => {
    const decimals = decimalsFor([0.91, 0.5, 1e9, Number.NaN]);
    expect([0.91, 0.5, 1e9, 1e-6].map(value => showAligned(value, decimals))).toEqual([
      '0.910',
      '0.500',
      '1.0e9',
      '1.0e-6',
    ]);
  });

  it.each<[Partial<Parameter>, number, string]>([
    [{ type: 'DOUBLE', values: [1e-5, 0.1], log: true }, 0.00071234, '7.1e-4'],
    [{ type: 'DOUBLE', values: [0, 0.6] }, 0.1234, '0.12'],
    [{ type: 'DOUBLE', values: [-1, 1] }, 0.1234, '0.12'],
    [{ type: 'DOUBLE', values: [0, 500] }, 123.4, '123'],
    [{ type: 'INTEGER', values: [1, 9] }, 7, '7'],
  ])('writes %j in a column', (parameter, value, text) => {
    const full = {
      name: 'p',
      type: 'DOUBLE',
      values: [],
      log: false,
      step: null,
      when: [],
      ...parameter,
    } as Parameter;
    expect(columnFormat(full)(value)).toBe(text);
  });

  it.each([
    [7, '0:07'],
    [1458.9, '24:18'],
    [3723, '1:02:03'],
  ])('shows %d seconds as %s', (seconds, text) => expect(clock(seconds)).toBe(text));
});

describe('hostile texts', () => {
  it('makes control characters visible, and one line of many', () => {
    expect(plain('a\u0007b\nc\u202ed')).toBe('a\ufffdb c\ufffdd');
  });

  it('cuts what is long', () => expect(plain('x'.repeat(1e6))).toHaveLength(201));

  it('shows a log as a terminal would', () => {
    expect(cleanLog('\u001b[31mred\u001b[0m\r\n10%\r50%\r100%\ndone')).toBe('red\n100%\ndone');
  });
});
