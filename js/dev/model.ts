/** A model as a kernel would give it, played by a made-up search. */

import type { PackedRecord, Request } from '../src/contract';
import type { ModelCalls } from '../src/store';
import { type Plan, Search } from './search';

type Callback = (...args: unknown[]) => void;

export class FakeModel implements ModelCalls {
  private readonly callbacks = new Set<Callback>();
  private readonly search: Search;
  private readonly records: PackedRecord[] = [];
  private readonly numbers: Float64Array[] = [];
  private last = 0;

  constructor(plan: Plan) {
    this.search = new Search(plan);
    this.search.skip(plan.before);
    this.collect();
    if (plan.frames > 0) setInterval(() => this.frame(1 / plan.frames), 1000 / plan.frames);
  }

  get(): unknown {
    return undefined;
  }

  set(): void {}

  save_changes(): void {}

  on(event: string, callback: Callback): void {
    if (event === 'msg:custom') this.callbacks.add(callback);
  }

  off(_event: string, callback: Callback): void {
    this.callbacks.delete(callback);
  }

  send(content: unknown): void {
    const request = content as Request;
    if (request.type === 'Sync') queueMicrotask(() => this.snapshot());
    if (request.type === 'StopTrial') this.search.stops.add(request.trial);
    if (request.type === 'StopExperiment') this.search.stop(request.reason);
    if (request.type === 'AddTrials') this.search.add(request.count);
    if (request.type === 'ReadLog') this.log(request.trial);
    if (request.type === 'EnqueueTrial')
      this.tell({ type: 'Refused', request: request.type, reason: 'a made-up search takes no trials' });
  }

  private frame(seconds: number): void {
    this.search.advance(seconds);
    const { first, last, records, numbers } = this.collect();
    if (records.length > 0)
      this.tell({ type: 'Frame', first, last, time: this.search.time, records }, numbers);
  }

  private snapshot(): void {
    const numbers = new Float64Array(this.numbers.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.numbers) {
      numbers.set(part, at);
      at += part.length;
    }
    this.tell({ type: 'Snapshot', last: this.last, time: this.search.time, records: this.records }, numbers);
  }

  private log(trial: string): void {
    const lines = Array.from({ length: 8 }, (_, i) => `epoch ${i + 1}  loss ${(1 / (i + 1)).toFixed(3)}`);
    this.tell({ type: 'Log', trial, text: lines.join('\n'), missing: 0 });
  }

  private collect(): ReturnType<Search['take']> {
    const made = this.search.take();
    this.last = made.last;
    for (const record of made.records) this.records.push(record);
    this.numbers.push(made.numbers);
    return made;
  }

  private tell(content: unknown, numbers: Float64Array = new Float64Array(0)): void {
    const buffers = [new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength)];
    for (const callback of [...this.callbacks]) callback(content, buffers);
  }
}
