import { describe, expect, it } from 'vitest';
import { decimate } from '../../src/charts/decimate';
import { indexAt, nearest, toSegment, valueAt } from '../../src/charts/hit';
import { overlap, placeAround, stack } from '../../src/charts/labels';
import { Raster } from '../../src/charts/raster';
import { between, tangents } from '../../src/charts/spline';

describe('a curve asked at a step', () => {
  const [steps, values] = [
    [1, 3, 5],
    [10, 30, 20],
  ];

  it('is a straight line between its points, and nothing outside', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map(step => valueAt(steps, values, 3, step))).toEqual([
      Number.NaN,
      10,
      20,
      30,
      25,
      20,
      Number.NaN,
    ]);
    expect(valueAt(steps, values, 0, 3)).toBeNaN();
  });

  it('counts only what is data', () => {
    expect(indexAt([1, 3, 5, 0, 0], 3, 9)).toBe(2);
    expect(indexAt([1, 3, 5], 3, 0)).toBe(-1);
  });
});

describe('the nearest', () => {
  it('is within reach, by distance less favour', () => {
    const away = [9, 10, Number.NaN, 15];
    const favour = [0, 3, 100, 100];
    const look = (reach: number) =>
      nearest(
        4,
        i => away[i] as number,
        i => favour[i] as number,
        reach,
      );
    expect(look(14)).toBe(1);
    expect(look(5)).toBe(-1);
  });

  it('measures to a segment and beyond its ends', () => {
    expect(toSegment(5, 3, 0, 0, 10, 0)).toBe(3);
    expect(toSegment(13, 4, 0, 0, 10, 0)).toBe(5);
    expect(toSegment(3, 4, 0, 0, 0, 0)).toBe(5);
  });
});

describe('decimation', () => {
  it('keeps first, lowest, highest and last of each column', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => i);
    const values = steps.map(i => Math.sin(i) + (i === 555 ? 9 : 0));
    const kept = decimate(steps, values, 1000, step => Math.floor(step / 100));
    expect(kept.length).toBeLessThanOrEqual(40);
    expect(kept).toContain(555);
    expect([kept[0], kept[kept.length - 1]]).toEqual([0, 999]);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });

  it('keeps gaps', () => {
    const values = [1, 2, Number.NaN, 3, 4];
    expect(decimate([0, 1, 2, 3, 4], values, 5, () => 0)).toContain(2);
  });
});

describe('labels in a column', () => {
  const apart = (labels: { y: number; height: number }[], centres: (number | null)[]) => {
    const boxes = centres.flatMap((c, i) => (c === null ? [] : [[c, labels[i]?.height as number] as const]));
    boxes.sort((a, b) => a[0] - b[0]);
    return boxes.every(
      ([c, h], i) =>
        i === 0 || c - h / 2 >= (boxes[i - 1]?.[0] as number) + (boxes[i - 1]?.[1] as number) / 2 - 1e-9,
    );
  };

  it('stand at their own place where there is room', () => {
    expect(
      stack(
        [
          { y: 20, height: 10 },
          { y: 60, height: 10 },
        ],
        0,
        100,
      ),
    ).toEqual([20, 60]);
  });

  it('share the shift where they would overlap', () => {
    expect(
      stack(
        [
          { y: 50, height: 10 },
          { y: 50, height: 10 },
        ],
        0,
        100,
      ),
    ).toEqual([45, 55]);
  });

  it('never overlap nor leave the column', () => {
    for (let seed = 0; seed < 50; seed++) {
      const labels = Array.from({ length: 9 }, (_, i) => ({
        y: (seed * 37 + i * i * 13) % 100,
        height: 8 + (i % 3),
      }));
      const centres = stack(labels, 0, 100);
      expect(apart(labels, centres)).toBe(true);
      for (const [i, c] of centres.entries()) {
        const half = (labels[i]?.height as number) / 2;
        if (c !== null) expect(c - half >= -1e-9 && c + half <= 100 + 1e-9).toBe(true);
      }
    }
  });

  it('give way, last first, where there is no room', () => {
    const labels = Array.from({ length: 5 }, () => ({ y: 50, height: 30 }));
    expect(stack(labels, 0, 100).map(c => c !== null)).toEqual([true, true, true, false, false]);
  });
});

describe('labels at points', () => {
  it('of twelve running trials never overlap each other nor what is there', () => {
    const labels = Array.from({ length: 12 }, (_, i) => ({
      x: 100 + i * 3,
      y: 100 + (i % 4) * 5,
      width: 24,
      height: 13,
    }));
    const taken = [{ left: 90, top: 90, right: 120, bottom: 110 }];
    const boxes = placeAround(labels, { left: 0, top: 0, right: 300, bottom: 300 }, taken).filter(
      box => box !== null,
    );
    expect(boxes.length).toBeGreaterThanOrEqual(5);
    for (const [i, a] of boxes.entries())
      for (const b of [...boxes.slice(i + 1), ...taken]) expect(overlap(a, b)).toBe(false);
  });

  it('stay inside, or away', () => {
    const label = { x: 5, y: 5, width: 400, height: 13 };
    expect(placeAround([label], { left: 0, top: 0, right: 100, bottom: 100 })).toEqual([null]);
  });
});

describe('the raster', () => {
  const pen = { colour: [1, 0, 0] as const, alpha: 1, width: 1, dash: null };

  it('covers a line of one pixel with one pixel, however steep', () => {
    for (const [x1, y1] of [
      [30, 10.5],
      [10.5, 30],
      [30, 22],
      [22, 30],
    ] as const) {
      const raster = new Raster(40, 40);
      raster.setPen(pen);
      raster.line([10.5, 10.5, x1, y1], 2);
      let sum = 0;
      for (let y = 0; y < 40; y++) for (let x = 0; x < 40; x++) sum += raster.alphaAt(x, y);
      expect(sum).toBeGreaterThan(Math.hypot(x1 - 10.5, y1 - 10.5) * 0.9);
      expect(sum).toBeLessThan(Math.hypot(x1 - 10.5, y1 - 10.5) * 1.1);
    }
  });

  it('does not darken joints, and leaves gaps where there is no number', () => {
    const raster = new Raster(40, 4);
    raster.setPen({ ...pen, alpha: 0.5 });
    raster.line([0, 2.5, 10, 2.5, 20, 2.5, 25, Number.NaN, 30, 2.5, 40, 2.5], 6);
    expect(raster.alphaAt(10, 2)).toBeCloseTo(0.5, 5);
    expect(raster.alphaAt(25, 2)).toBe(0);
    expect(raster.alphaAt(35, 2)).toBeCloseTo(0.5, 5);
  });

  it('gets denser where lines overlap, and never opaque beyond 1', () => {
    const raster = new Raster(10, 4);
    raster.setPen({ ...pen, alpha: 0.5 });
    for (let i = 0; i < 2; i++) raster.line([0, 2.5, 10, 2.5], 2);
    expect(raster.alphaAt(5, 2)).toBeCloseTo(0.75, 5);
    for (let i = 0; i < 999; i++) raster.line([0, 2.5, 10, 2.5], 2);
    expect(raster.alphaAt(5, 2)).toBeLessThanOrEqual(1.0001);
  });

  it('dashes, clips, and survives what lies far away', () => {
    const raster = new Raster(40, 10);
    raster.setPen({ ...pen, dash: [4, 4] });
    raster.setClip({ left: 0, top: 0, right: 20, bottom: 10 });
    raster.line([0, 5.5, 40, 5.5, 41, 2e4, 42, Number.POSITIVE_INFINITY], 4);
    expect([1, 6, 9, 30].map(x => raster.alphaAt(x, 5))).toEqual([1, 0, 1, 0]);
  });

  it('shows what is new, and on demand the whole picture', () => {
    const shown: number[][] = [];
    const context = {
      createImageData: (width: number, height: number) => ({
        width,
        height,
        data: new Uint8ClampedArray(4 * width * height),
      }),
      putImageData: (image: { width: number; height: number }, x: number, y: number) =>
        shown.push([x, y, image.width, image.height]),
    } as unknown as CanvasRenderingContext2D;
    const raster = new Raster(40, 20);
    raster.setPen(pen);
    raster.line([10, 5.5, 20, 5.5], 2);
    raster.flush(context);
    raster.flush(context);
    expect(shown.length).toBe(1);
    expect(shown[0]?.[2]).toBeLessThan(20);
    raster.flush(context, true);
    expect(shown[1]).toEqual([0, 0, 40, 20]);
  });

  it('marks with a shape: a ring is hollow, a disc is not', () => {
    const raster = new Raster(60, 20);
    raster.mark('disc', 10.5, 10.5, 5, [1, 0, 0], 1);
    raster.mark('ring', 30.5, 10.5, 5, [1, 0, 0], 1);
    raster.mark('cross', 50.5, 10.5, 5, [1, 0, 0], 1);
    expect([10, 30, 50].map(x => raster.alphaAt(x, 10) > 0.5)).toEqual([true, false, true]);
    expect(raster.alphaAt(26, 10)).toBeGreaterThan(0.5);
    expect(raster.alphaAt(54, 10)).toBe(0);
  });
});

describe('lines from axis to axis', () => {
  it('pass through their points and never overshoot', () => {
    const heights = [10, 80, 80, 30, 90];
    const slopes = new Float64Array(5);
    tangents(heights, 5, slopes);
    for (let i = 0; i < 4; i++) {
      const [from, to] = [heights[i] as number, heights[i + 1] as number];
      for (let t = 0; t <= 1; t += 0.05) {
        const y = between(from, to, slopes[i] as number, slopes[i + 1] as number, t);
        expect(y).toBeGreaterThanOrEqual(Math.min(from, to) - 1e-9);
        expect(y).toBeLessThanOrEqual(Math.max(from, to) + 1e-9);
      }
      expect(between(from, to, slopes[i] as number, slopes[i + 1] as number, 1)).toBeCloseTo(to, 9);
    }
  });
});
