/**
 * The state of an experiment: what the events so far add up to. Pure; the same reduction as
 * maggy/core/state.py, held to it by the searches recorded in tests/fixtures.
 */

import type {
  Event,
  ExperimentEnded,
  ExperimentStarted,
  ExperimentStopping,
  Float,
  Json,
  TrialCreated,
  TrialProgressed,
} from './contract';
import { Curve } from './curve';
import { Front } from './front';
import { finite } from './kinds';
import { type Parameter, readParameters } from './parameters';

export { isIdea, kindOf, metricOf } from './kinds';
export { Curve, type Parameter };

export type Phase = 'NEW' | 'RUNNING' | 'STOPPING' | 'ENDED';
export type Status = 'PENDING' | 'RUNNING' | 'STOPPING' | 'FINALIZED' | 'STOPPED' | 'ERROR' | 'CANCELLED';
/** What a trial looks like. */
export type Kind = 'waiting' | 'running' | 'finished' | 'early' | 'hand' | 'failed' | 'cancelled';

/** Metrics of a running trial, as arrays of any kind; as many steps as values. */
export interface Progress {
  type: 'TrialProgressed';
  trial: string;
  steps: ArrayLike<number>;
  values: ArrayLike<Float>;
}

/** An event with its number and its time (seconds since the epoch). A contract.Record is one. */
export type Record = { seq: number; time: number } & (Exclude<Event, TrialProgressed> | Progress);

export interface Trial {
  readonly id: string;
  readonly number: number;
  /** Without a prototype, so that no name of a hyperparameter means anything else. */
  readonly params: { readonly [name: string]: Json };
  readonly by: string;
  /** The id of the trial that it continues. */
  readonly parent: string | null;
  status: Status;
  attempt: number;
  /** Where it runs or last ran. */
  worker: string | null;
  readonly curve: Curve;
  finalMetric: number | null;
  /** What it returned, in a search with several objectives; as many as the names of the state's. */
  objectives: number[] | null;
  stopBy: 'rule' | 'person' | 'experiment' | null;
  stopReason: string | null;
  stopLevel: number | null;
  error: string | null;
  traceback: string | null;
  /** Seconds since the epoch. */
  start: number | null;
  /** Seconds; null until it ended. */
  duration: number | null;
  /** Counts the events that changed it, so that views redraw only what changed. */
  revision: number;
}

export interface Worker {
  readonly number: number;
  readonly host: string;
  readonly pid: number;
  trial: string | null;
  /** Whether it is still there; one that left keeps its number. */
  there: boolean;
}

const PHASES: { [phase in Phase]: { [type: string]: Phase } } = {
  NEW: { ExperimentStarted: 'RUNNING' },
  RUNNING: { ExperimentStopping: 'STOPPING', ExperimentEnded: 'ENDED', ExperimentResumed: 'RUNNING' },
  STOPPING: { ExperimentEnded: 'ENDED', ExperimentResumed: 'RUNNING' },
  ENDED: { ExperimentResumed: 'RUNNING' },
};
const PHASE_EVENTS = new Set(Object.values(PHASES).flatMap(row => Object.keys(row)));

const TRIALS: { [status in Status]: { [type: string]: Status } } = {
  PENDING: { TrialStarted: 'RUNNING', TrialCancelled: 'CANCELLED' },
  RUNNING: {
    TrialProgressed: 'RUNNING',
    TrialRequeued: 'PENDING',
    TrialStopDecided: 'STOPPING',
    TrialFinished: 'FINALIZED',
    TrialFailed: 'ERROR',
  },
  STOPPING: {
    TrialProgressed: 'STOPPING',
    TrialStopped: 'STOPPED',
    TrialFinished: 'FINALIZED',
    TrialFailed: 'ERROR',
  },
  FINALIZED: {},
  STOPPED: {},
  ERROR: {},
  CANCELLED: {},
};

const UNEVEN = 'as many steps as values are needed';

/** What the records so far add up to; `apply` is its only door. */
export class State {
  /** Of the last event applied. */
  number = 0;
  phase: Phase = 'NEW';
  settings: ExperimentStarted | null = null;
  /** How many trials there are to be. */
  numTrials = 0;
  /** Their names, as set or as the first trial told. */
  objectives: string[] = [];
  /** Of several objectives, the trials that no other one surpasses. */
  readonly front = new Front();
  parameters: Parameter[] = [];
  /** trials[number - 1] */
  readonly trials: Trial[] = [];
  readonly byId = new Map<string, Trial>();
  readonly workers = new Map<string, Worker>();
  readonly counts: { [status in Status]: number } = {
    PENDING: 0,
    RUNNING: 0,
    STOPPING: 0,
    FINALIZED: 0,
    STOPPED: 0,
    ERROR: 0,
    CANCELLED: 0,
  };
  /** The trial with the best final metric so far. */
  best: Trial | null = null;
  dry = false;
  dryReason: string | null = null;
  ruleError: string | null = null;
  stopping: ExperimentStopping | null = null;
  end: ExperimentEnded | null = null;
  /** Seconds since the epoch. */
  started = 0;
  ended = 0;
  /** The stopping rule's threshold by step. */
  thresholds: { steps: number[]; values: number[] } = { steps: [], values: [] };

  /**
   * Takes in an event, of which the caller knows that it is the next.
   * Throws, and changes nothing, where the tables do not allow it here.
   */
  apply(record: Record): void {
    const phase = this.nextPhase(record.type);
    this.take(record);
    this.number = record.seq;
    this.phase = phase;
  }

  /** How many trials there will be, as far as is known. */
  get total(): number {
    return this.dry ? this.trials.length : this.numTrials;
  }

  /** Whether metric `a` is better than metric `b`. */
  beats(a: number, b: number): boolean {
    return this.settings?.direction === 'min' ? a < b : a > b;
  }

  private nextPhase(type: string): Phase {
    if (PHASE_EVENTS.has(type)) {
      const next = own(PHASES[this.phase], type);
      if (next) return next;
    } else if (this.phase === 'RUNNING' || this.phase === 'STOPPING') return this.phase;
    throw new Error(`${type} in phase ${this.phase}`);
  }

  /** Another driver goes on with the search, with settings of its own. */
  private takeUp({
    type: _,
    seq: __,
    time: ___,
    ...settings
  }: Extract<Record, { type: 'ExperimentResumed' }>): void {
    if (!this.settings) throw new Error('there is no search to take up');
    if (settings.num_trials < this.trials.length) throw new Error('there are more trials already');
    this.settings = { ...this.settings, ...settings };
    this.numTrials = settings.num_trials;
    this.dry = false;
    this.dryReason = this.ruleError = this.stopping = this.end = null;
    this.ended = 0;
  }

  private take(record: Record): void {
    switch (record.type) {
      case 'ExperimentStarted':
        this.parameters = readParameters(record.searchspace);
        this.settings = record;
        this.objectives = record.objectives ?? [];
        this.numTrials = record.num_trials;
        this.started = record.time;
        break;
      case 'ExperimentResumed':
        this.takeUp(record);
        break;
      case 'TrialsAdded':
        if (record.num_trials <= this.trials.length) throw new Error('there are as many trials already');
        this.numTrials = record.num_trials;
        this.dry = this.dryReason !== null;
        break;
      case 'ThresholdsChanged':
        if (record.steps.length !== record.values.length) throw new Error(UNEVEN);
        this.thresholds = { steps: record.steps, values: record.values.map(Number) };
        break;
      case 'SuggestionsEnded':
        this.dry = true;
        this.dryReason = record.error;
        break;
      case 'EarlyStopDisabled':
        this.ruleError = record.error;
        break;
      case 'ExperimentStopping':
        this.stopping = record;
        break;
      case 'ExperimentEnded':
        this.end = record;
        this.ended = record.time;
        break;
      case 'WorkerJoined':
      case 'WorkerLeft':
        this.takeWorker(record);
        break;
      case 'TrialCreated':
        this.create(record);
        break;
      case 'TrialStarted':
        this.start(record.trial, record.attempt, record.worker, record.time);
        break;
      default:
        this.takeTrial(record);
    }
  }

  private takeWorker(record: Extract<Record, { type: 'WorkerJoined' | 'WorkerLeft' }>): void {
    const known = this.workers.get(record.worker);
    if (record.type === 'WorkerJoined') {
      if (known?.there) throw new Error(`worker ${record.worker} joined twice`);
      const { number, host, pid } = record;
      this.workers.set(record.worker, { number, host, pid, trial: null, there: true });
    } else {
      if (!known?.there || known.trial !== null)
        throw new Error(`worker ${record.worker} left, and was not idle`);
      known.there = false;
    }
  }

  private create(record: TrialCreated): void {
    const { trial: id, number, params: given, by, parent } = record;
    if (this.byId.has(id)) throw new Error(`trial ${id} created twice`);
    if (number !== this.trials.length + 1) throw new Error(`trial number ${number} is not the next`);
    const params: { [name: string]: Json } = Object.create(null);
    for (const [name, value] of Object.entries(given)) params[name] = value;
    const trial: Trial = {
      id,
      number,
      params,
      by,
      parent: parent ?? null,
      status: 'PENDING',
      attempt: 0,
      worker: null,
      curve: new Curve(),
      finalMetric: null,
      objectives: null,
      stopBy: null,
      stopReason: null,
      stopLevel: null,
      error: null,
      traceback: null,
      start: null,
      duration: null,
      revision: 0,
    };
    this.trials.push(trial);
    this.byId.set(id, trial);
    this.counts.PENDING++;
  }

  private start(id: string, attempt: number, name: string, time: number): void {
    const worker = this.workers.get(name);
    if (!worker?.there || worker.trial !== null) throw new Error(`worker ${name} is not idle`);
    const trial = this.move(id, 'TrialStarted');
    Object.assign(trial, { attempt, worker: name, start: time });
    worker.trial = id;
  }

  private takeTrial(record: Extract<Record, { trial: string }>): void {
    if (record.type === 'TrialProgressed' && record.steps.length !== record.values.length)
      throw new Error(UNEVEN);
    const trial = this.move(record.trial, record.type);
    switch (record.type) {
      case 'TrialProgressed':
        trial.curve.append(record.steps, record.values);
        break;
      case 'TrialStopDecided':
        trial.stopBy = record.by as Trial['stopBy'];
        trial.stopReason = record.reason;
        trial.stopLevel = record.level === null ? null : Number(record.level);
        break;
      case 'TrialRequeued':
        this.freeWorker(trial);
        trial.curve.clear();
        trial.start = null;
        break;
      case 'TrialStopped':
        this.finish(trial, finite(trial.curve.last), record.time);
        break;
      case 'TrialFinished':
        this.takeObjectives(trial, record.objectives ?? null);
        this.finish(trial, Number(record.value), record.time);
        break;
      case 'TrialFailed':
        trial.error = record.error;
        trial.traceback = record.traceback;
        this.finish(trial, null, record.time);
        break;
    }
  }

  private takeObjectives(trial: Trial, told: { [name: string]: Float } | null): void {
    if (!told) return;
    if (!this.objectives.length) this.objectives = Object.keys(told);
    trial.objectives = this.objectives.map(name => Number(told[name]));
    this.front.take(trial, this.settings?.directions ?? []);
  }

  private move(id: string, type: string): Trial {
    const trial = this.byId.get(id);
    if (!trial) throw new Error(`${type} of unknown trial ${id}`);
    const status = own(TRIALS[trial.status], type);
    if (!status) throw new Error(`${type} in status ${trial.status}`);
    this.counts[trial.status]--;
    this.counts[status]++;
    trial.status = status;
    trial.revision++;
    return trial;
  }

  private finish(trial: Trial, metric: number | null, now: number): void {
    trial.finalMetric = metric;
    trial.duration = Math.max(0, now - (trial.start ?? now));
    this.freeWorker(trial);
    if (metric === null) return;
    const best = this.best?.finalMetric ?? null;
    if (best === null || this.beats(metric, best)) this.best = trial;
  }

  private freeWorker(trial: Trial): void {
    const worker = this.workers.get(trial.worker ?? '');
    if (worker) worker.trial = null;
  }
}

/** An own entry only: a type may be called "constructor". */
function own<T>(table: { [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
