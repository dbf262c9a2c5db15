/** Messages of the experiment as they arrive: JSON content with one buffer of float64 beside it. */

import type { Frame, Message, PackedRecord, Snapshot } from './contract';
import type { Record } from './state';

const TYPES = new Set(['Snapshot', 'Frame', 'Log', 'Refused', 'Closed']);

/** The content as a message, null for anything else. */
export function readMessage(content: unknown): Message | null {
  if (typeof content !== 'object' || content === null) return null;
  const { type } = content as { type?: unknown };
  return typeof type === 'string' && TYPES.has(type) ? (content as Message) : null;
}

/**
 * The records of a snapshot or frame, the numbers of their curves taken from its buffer.
 * Throws where records and buffer do not belong together.
 */
export function unpack(message: Snapshot | Frame, buffers: readonly ArrayBufferView[]): Record[] {
  if (!Array.isArray(message.records)) throw new Error(`a ${message.type} without records`);
  const numbers = readNumbers(buffers[0]);
  let used = 0;
  const take = (count: number): Float64Array => {
    used += count;
    return numbers.subarray(used - count, used);
  };
  const records = message.records.map(record => unpackRecord(record, take));
  if (used !== numbers.length) throw new Error(`${numbers.length} numbers came where ${used} were announced`);
  return records;
}

function unpackRecord(record: PackedRecord, take: (count: number) => Float64Array): Record {
  if (record?.type !== 'TrialProgressed') return record;
  const { seq, time, type, trial, points } = record;
  if (!Number.isInteger(points) || points < 0) throw new Error('a TrialProgressed without points');
  return { seq, time, type, trial, steps: take(points), values: take(points) };
}

/** Little-endian, as every browser's own arrays are. Copied, as the view may start at any byte. */
function readNumbers(view: ArrayBufferView | undefined): Float64Array {
  if (!view) return new Float64Array(0);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  if (bytes.length % 8) throw new Error('the buffer does not hold whole numbers');
  return new Float64Array(bytes.buffer);
}
