/** A model without a kernel, and messages as an experiment sends them. */

import type { ModelCalls } from '../src/link';
import type { Record } from '../src/state';

type Callback = (...args: unknown[]) => void;

export class FakeModel implements ModelCalls {
  readonly sent: unknown[] = [];
  readonly traits: Map<string, unknown>;
  private readonly callbacks = new Map<string, Set<Callback>>();

  constructor(traits: { [name: string]: unknown } = {}) {
    this.traits = new Map(Object.entries(traits));
  }

  get(key: string): unknown {
    return this.traits.get(key);
  }

  set(key: string, value: unknown): void {
    this.traits.set(key, value);
    this.emit(`change:${key}`);
  }

  save_changes(): void {}

  on(event: string, callback: Callback): void {
    if (!this.callbacks.has(event)) this.callbacks.set(event, new Set());
    this.callbacks.get(event)?.add(callback);
  }

  off(event: string, callback: Callback): void {
    this.callbacks.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    this.sent.push(content);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const callback of this.callbacks.get(event) ?? []) callback(...args);
  }

  /** Something arrives. */
  receive(content: unknown, buffers: unknown = []): void {
    this.emit('msg:custom', content, buffers);
  }

  snapshot(records: Record[], time = 0): void {
    this.receive(
      { type: 'Snapshot', last: records.length, time, records: records.map(packRecord) },
      pack(records),
    );
  }

  frame(records: Record[], time = 0): void {
    const [first, last] = [records[0]?.seq, records.at(-1)?.seq];
    this.receive({ type: 'Frame', first, last, time, records: records.map(packRecord) }, pack(records));
  }
}

function packRecord(record: Record): unknown {
  if (record.type !== 'TrialProgressed') return record;
  const { steps, values: _, ...rest } = record;
  return { ...rest, points: steps.length };
}

/** One buffer that starts at an odd byte, as buffers of a websocket message may. */
function pack(records: Record[]): DataView[] {
  const numbers = records.flatMap(record =>
    record.type === 'TrialProgressed'
      ? [...Array.from(record.steps), ...Array.from(record.values, Number)]
      : [],
  );
  const bytes = new Uint8Array(1 + 8 * numbers.length);
  bytes.set(new Uint8Array(new Float64Array(numbers).buffer), 1);
  return [new DataView(bytes.buffer, 1)];
}
