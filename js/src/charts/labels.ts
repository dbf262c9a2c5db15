/** Places for labels, so that none covers another. Pure. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
/** A label that wants to stand in a column beside the plot, centred at `y`. */
export interface Beside {
  y: number;
  height: number;
}
/** A label at a point; the first to come is the first to be served. */
export interface AtPoint {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Centres for labels stacked in a column from `top` to `bottom`, each as near to its own as the others
 * allow (neighbours that overlap share the shift). Those for which there is no room are null, last first.
 */
export function stack(labels: readonly Beside[], top: number, bottom: number): (number | null)[] {
  let room = bottom - top;
  const fitting = labels.map(({ height }) => {
    if (height > room) return false;
    room -= height;
    return true;
  });
  const order = labels.map((_, i) => i).filter(i => fitting[i]);
  order.sort((a, b) => (labels[a] as Beside).y - (labels[b] as Beside).y || a - b);
  const groups: { members: number[]; top: number; height: number }[] = [];
  for (const i of order) {
    const { y, height } = labels[i] as Beside;
    groups.push({ members: [i], top: within(y - height / 2, top, bottom - height), height });
    while (merge(groups, labels, top, bottom));
  }
  const centres: (number | null)[] = labels.map(() => null);
  for (const group of groups) {
    let edge = group.top;
    for (const i of group.members) {
      const { height } = labels[i] as Beside;
      centres[i] = edge + height / 2;
      edge += height;
    }
  }
  return centres;
}

function merge(
  groups: { members: number[]; top: number; height: number }[],
  labels: readonly Beside[],
  top: number,
  bottom: number,
): boolean {
  const [above, below] = [groups[groups.length - 2], groups[groups.length - 1]];
  if (!above || !below || above.top + above.height <= below.top) return false;
  const members = [...above.members, ...below.members];
  const height = above.height + below.height;
  // The least movement in all: the mean of the tops at which each member would stand at its own place.
  let [sum, before] = [0, 0];
  for (const i of members) {
    const label = labels[i] as Beside;
    sum += label.y - label.height / 2 - before;
    before += label.height;
  }
  groups.splice(-2, 2, { members, top: within(sum / members.length, top, bottom - height), height });
  return true;
}

/** Boxes for labels near their points, inside `bounds`, clear of each other and of `taken`; null where none is free. */
export function placeAround(
  labels: readonly AtPoint[],
  bounds: Box,
  taken: readonly Box[] = [],
): (Box | null)[] {
  const used = [...taken];
  return labels.map(label => {
    const box = candidates(label).find(b => inside(b, bounds) && !used.some(other => overlap(b, other)));
    if (box) used.push(box);
    return box ?? null;
  });
}

/** Right, below right, above right, below, above, left, then the same further away. */
function candidates({ x, y, width, height }: AtPoint): Box[] {
  const half = height / 2;
  const boxes: Box[] = [];
  for (const far of [0, 12, 24]) {
    const [right, left, up, down] = [x + 8, x - 8 - width, y - height - 3 - far, y + 3 + far];
    const places: [number, number][] = [
      [right, down - 2],
      [right, up + 2],
      [x - width / 2, down + 4],
    ];
    places.push([x - width / 2, up - 4], [left, down - 2], [left, up + 2]);
    if (far === 0) places.splice(2, 0, [right, y - half]);
    for (const [l, t] of places) boxes.push({ left: l, top: t, right: l + width, bottom: t + height });
  }
  return boxes;
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function inside(box: Box, bounds: Box): boolean {
  return (
    box.left >= bounds.left &&
    box.right <= bounds.right &&
    box.top >= bounds.top &&
    box.bottom <= bounds.bottom
  );
}

export function within(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
