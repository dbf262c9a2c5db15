/** The link to the experiment: takes in snapshots and frames in order, asks again after a gap. */

import type { Frame, Log, Request, Snapshot } from './contract';
import { readMessage, unpack } from './frames';
import { type Record, State } from './state';

/** The six calls of anywidget's model. */
export interface ModelCalls {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...args: unknown[]) => void): void;
  off(event: string, callback: (...args: unknown[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: unknown): void;
}

export interface Connection {
  kind: 'waiting' | 'live' | 'lost';
  /** What is the matter, for people; empty while live. */
  reason: string;
}

export interface Hears {
  changed(): void;
  log(trial: string, log: { text: string; missing: number }): void;
  refused(reason: string): void;
}

/** Seconds without an answer after which the snapshot is asked for again, doubling up to the longest. */
const PATIENCE = 3;
const LONGEST = 48;

export class Link {
  state = new State();
  connection: Connection = { kind: 'waiting', reason: 'Asking the kernel how the search stands' };

  private offset = 0;
  private lostAt: number | null = null;
  private patience = PATIENCE;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly onMessage = (content: unknown, buffers?: unknown): void => this.hear(content, buffers);

  private readonly model: ModelCalls;
  private readonly hears: Hears;

  constructor(model: ModelCalls, hears: Hears) {
    this.model = model;
    this.hears = hears;
    model.on('msg:custom', this.onMessage);
    this.sync();
  }

  /** The driver's clock; it stands still once the driver is out of reach. */
  now(): number {
    return this.lostAt ?? monotonic() + this.offset;
  }

  send(request: Request): void {
    try {
      this.model.send(request);
    } catch (error) {
      this.lose(`The kernel cannot be reached: ${error instanceof Error ? error.message : error}`);
    }
  }

  lose(reason: string): void {
    this.rest();
    this.lostAt = this.now();
    this.connection = { kind: 'lost', reason };
    this.hears.changed();
  }

  dispose(): void {
    this.rest();
    this.model.off('msg:custom', this.onMessage);
  }

  private hear(content: unknown, buffers: unknown): void {
    try {
      this.take(content, Array.isArray(buffers) ? buffers.filter(ArrayBuffer.isView) : []);
    } catch (error) {
      console.warn('maggy: a message was ignored:', error);
    }
  }

  private take(content: unknown, buffers: ArrayBufferView[]): void {
    const message = readMessage(content);
    if (message?.type === 'Snapshot') this.takeSnapshot(message, buffers);
    else if (message?.type === 'Frame') this.takeFrame(message, buffers);
    else if (message?.type === 'Log') this.takeLog(message);
    else if (message?.type === 'Refused') this.hears.refused(String(message.reason));
    else if (message?.type === 'Closed') this.lose(String(message.reason));
    else throw new Error('its type is unknown');
  }

  private takeLog({ trial, text, missing }: Log): void {
    this.hears.log(trial, { text: String(text), missing: Number(missing) || 0 });
  }

  /** Snapshots that other views asked for come by, too. */
  private takeSnapshot(message: Snapshot, buffers: ArrayBufferView[]): void {
    const known = this.connection.kind === 'live' && this.timer === null && message.last <= this.state.number;
    if (known) return;
    const state = new State();
    applyAll(state, unpack(message, buffers));
    state.number = message.last;
    this.state = state;
    this.live(message);
  }

  private takeFrame(message: Frame, buffers: ArrayBufferView[]): void {
    const { number } = this.state;
    if (message.last <= number) return;
    if (message.first > number + 1 || this.connection.kind === 'waiting') {
      this.gap();
      return;
    }
    const records = unpack(message, buffers).filter(record => record.seq > number);
    applyAll(this.state, records);
    this.state.number = message.last;
    this.live(message);
  }

  private live(message: Snapshot | Frame): void {
    this.rest();
    this.lostAt = null;
    this.offset = Number(message.time) - monotonic();
    this.connection = { kind: 'live', reason: '' };
    this.hears.changed();
  }

  private gap(): void {
    if (this.timer === null) this.sync();
  }

  private sync(): void {
    this.timer = setTimeout(() => this.askAgain(), this.patience * 1000);
    this.send({ type: 'Sync' });
  }

  private askAgain(): void {
    if (this.connection.kind === 'waiting') {
      this.connection.reason = 'The kernel does not answer. It may be busy, or restarted.';
      this.hears.changed();
    }
    this.patience = Math.min(2 * this.patience, LONGEST);
    this.sync();
  }

  private rest(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.patience = PATIENCE;
  }
}

/** Seconds that go on evenly when the machine's clock is set. */
const monotonic = (): number => performance.now() / 1000;

/** One event that does not fit is passed over; the others still show. */
function applyAll(state: State, records: Record[]): void {
  for (const record of records) {
    try {
      state.apply(record);
    } catch (error) {
      console.warn('maggy: an event was ignored:', error);
    }
  }
}
