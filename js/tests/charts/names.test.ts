import { describe, expect, it } from 'vitest';
import { broken, headings, shortened } from '../../src/charts/names';

const measure = (text: string) => 6 * text.length;
const axes = (count: number, gap: number) => Array.from({ length: count }, (_, i) => 44 + i * gap);

describe('names above axes', () => {
  const names = ['learning_rate', 'dropout', 'kernel', 'optimizer', 'metric'];

  it('stand in one line where there is room', () => {
    const xs = axes(5, 120);
    const placed = headings(names, xs, 600, measure);
    expect(placed.map(({ lines }) => lines)).toEqual(names.map(name => [name]));
    expect(placed.map(({ x }) => x)).toEqual(xs);
  });

  it('are whole in little room: broken in two, or one up, one down', () => {
    for (const gap of [70, 62, 55, 46]) {
      const xs = axes(5, gap);
      const placed = headings(names, xs, 4 * gap + 100, measure);
      expect(placed.map(({ lines }) => lines.join(''))).toEqual(names);
      placed.forEach(({ lines, x, tier }, i) => {
        expect(Math.abs(x - (xs[i] as number))).toBeLessThan(gap / 2);
        const half = Math.max(...lines.map(measure)) / 2;
        const before = placed.slice(0, i).findLast(other => other.tier === tier);
        const edge = before ? before.x + Math.max(...before.lines.map(measure)) / 2 : 0;
        expect(x - half).toBeGreaterThanOrEqual(edge);
      });
    }
  });

  it('keep what tells them apart where they must be cut', () => {
    const long = ['dropout', 'width', 'height'].map(end => `encoder_attention_block_${end}`);
    const lines = headings([...long, 'metric'], axes(4, 46), 260, measure).map(heading => heading.lines);
    expect(lines).toEqual([['…dropout'], ['…width'], ['…height'], ['metric']]);
  });

  it('never overlap, whatever they are', () => {
    const same = Array.from({ length: 20 }, () => 'x'.repeat(200));
    const placed = headings(same, axes(20, 46), 1000, measure);
    for (const [i, { lines, x }] of placed.entries()) {
      expect(measure(lines[0] as string)).toBeLessThanOrEqual(2 * 46);
      expect(x).toBeCloseTo(44 + i * 46, 0);
    }
  });
});

describe('a name', () => {
  it('is broken where it can be, as evenly as can be', () => {
    expect(broken('learning_rate_of_head', measure)).toEqual(['learning_', 'rate_of_head']);
    expect(broken('maxPoolSize', measure)).toEqual(['maxPool', 'Size']);
    expect(broken('optimizer', measure)).toEqual(['optimizer']);
  });

  it('loses its end, or a beginning that others have, too', () => {
    expect(shortened('rmsprop', ['sgd'], 60, measure)).toBe('rmsprop');
    expect(shortened('rmsprop', ['sgd'], 30, measure)).toBe('rmsp…');
    const others = ['resnet_large_v1', 'resnet_large_v2'];
    expect(others.map(name => shortened(name, others, 36, measure))).toEqual(['…v1', '…v2']);
  });
});
