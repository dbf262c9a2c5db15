/** Writes searches: each call is an event, numbered by itself, a second after the last. */

import type { Event, ExperimentStarted, Json } from '../src/contract';
import type { Progress, Record } from '../src/state';

type Given = Exclude<Event, { type: 'TrialProgressed' }> | Progress;

export class Search {
  readonly records: Record[] = [];
  private trials = 0;
  private readonly attempts = new Map<string, number>();

  constructor(settings: Partial<ExperimentStarted> = {}) {
    this.add({ ...SETTINGS, ...settings });
  }

  add(event: Given, time = 1000 + this.records.length): this {
    this.records.push({ ...event, seq: this.records.length + 1, time });
    return this;
  }

  worker(worker: string): this {
    const number = this.records.filter(record => record.type === 'WorkerJoined').length + 1;
    return this.add({ type: 'WorkerJoined', worker, number, host: 'localhost', pid: 4000 + number });
  }

  create(trial: string, params: { [name: string]: Json } = {}, by = 'optimizer'): this {
    this.trials += 1;
    return this.add({ type: 'TrialCreated', trial, number: this.trials, params, by, parent: null });
  }

  start(trial: string, worker: string): this {
    const attempt = (this.attempts.get(trial) ?? 0) + 1;
    this.attempts.set(trial, attempt);
    return this.add({ type: 'TrialStarted', trial, attempt, worker });
  }

  progress(trial: string, values: number[], first = 0): this {
    const steps = values.map((_, i) => first + i);
    return this.add({ type: 'TrialProgressed', trial, steps, values });
  }

  decide(trial: string, by: string, reason: string, level: number | null = null): this {
    return this.add({ type: 'TrialStopDecided', trial, by, reason, level });
  }

  stopped(trial: string): this {
    return this.add({ type: 'TrialStopped', trial });
  }

  finish(trial: string, value: number, objectives: { [name: string]: number } | null = null): this {
    return this.add({ type: 'TrialFinished', trial, value, objectives });
  }

  fail(trial: string, error: string, traceback = 'Traceback'): this {
    return this.add({ type: 'TrialFailed', trial, error, traceback });
  }

  /** The records since the given number. */
  since(number: number): Record[] {
    return this.records.slice(number);
  }
}

export const SETTINGS: ExperimentStarted = {
  type: 'ExperimentStarted',
  experiment: 'e1',
  name: 'a search',
  description: '',
  searchspace: {
    lr: ['DOUBLE', [1e-4, 1e-1], { log: true }],
    kernel: ['INTEGER', [2, 8]],
    optimizer: ['CATEGORICAL', ['adam', 'sgd']],
  },
  optimizer: 'randomsearch',
  direction: 'max',
  num_trials: 4,
  es_policy: 'median',
  es_interval: 1,
  es_min: 10,
  max_failures: 10,
  max_attempts: 3,
  lookahead: 1,
  grace: 30,
  baseline: null,
  trial_timeout: null,
  directions: [],
  objectives: [],
};
