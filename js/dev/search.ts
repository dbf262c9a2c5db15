/** Searches made up for looking at the views: the same seed gives the same search. */

import type { ExperimentStarted, Json, PackedRecord } from '../src/contract';
import { exists, type Parameter, readParameters } from '../src/parameters';

export interface Plan {
  seed: number;
  trials: number;
  steps: number;
  workers: number;
  /** Trials that are over when the page opens. */
  before: number;
  /** Frames a second, and steps that each running trial takes a second. */
  frames: number;
  pace: number;
  direction: 'max' | 'min';
  /** Their directions by name, where they have names or there are several; the first one's is `direction`. */
  objectives: { [name: string]: 'max' | 'min' };
  space: { [name: string]: Json };
  /** Whether some trials diverge: huge losses, infinities, NaN. */
  diverges: boolean;
  hostile: boolean;
}

interface Running {
  id: string;
  number: number;
  worker: string;
  quality: number;
  steps: number;
  step: number;
  best: number;
  due: number;
  level: number;
}

type Made = { record: PackedRecord; steps?: number[]; values?: number[] };

/** Makes up the events of a search, second by second. */
export class Search {
  time = 1_790_000_000;
  private readonly plan: Plan;
  private readonly random: () => number;
  private readonly running: Running[] = [];
  private readonly idle: string[] = [];
  private readonly finished: number[][] = [];
  private made: Made[] = [];
  private number = 0;
  private created = 0;
  private total: number;
  private over = 0;
  private thresholdsDue = 0;
  private stopping = false;
  readonly stops = new Set<string>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.total = plan.trials;
    this.random = mulberry(plan.seed);
    this.emit({ type: 'ExperimentStarted', ...this.settings() });
    for (let i = 1; i <= plan.workers; i++) {
      this.emit({ type: 'WorkerJoined', worker: `w${i}`, number: i, host: `node-${i % 4}`, pid: 4000 + i });
      this.idle.push(`w${i}`);
    }
  }

  /** As if `seconds` had passed. */
  advance(seconds: number): void {
    this.time += seconds;
    this.fill();
    for (const trial of [...this.running]) this.progress(trial, seconds);
    this.fill();
    this.thresholds();
  }

  /** Until so many trials are over. */
  skip(trials: number): void {
    while (this.over < trials && this.over < this.total) this.advance(this.plan.steps / this.plan.pace / 8);
  }

  /** What happened since the last call. */
  take(): { first: number; last: number; records: PackedRecord[]; numbers: Float64Array } {
    const made = this.made;
    this.made = [];
    const numbers = Float64Array.from(made.flatMap(({ steps = [], values = [] }) => [...steps, ...values]));
    const records = made.map(({ record }) => record);
    return { first: this.number - made.length + 1, last: this.number, records, numbers };
  }

  add(count: number): void {
    this.total += count;
    this.emit({ type: 'TrialsAdded', num_trials: this.total });
  }

  stop(reason: string): void {
    if (this.stopping) return;
    this.stopping = true;
    this.emit({ type: 'ExperimentStopping', reason, failed: false });
  }

  private settings(): Omit<ExperimentStarted, 'type'> {
    const { plan } = this;
    const names = Object.keys(plan.objectives);
    const name = plan.hostile ? '<img src=x onerror=alert(1)>' : 'fmnist-cnn';
    const stopping = { es_interval: 1, es_min: 10, grace: 10 };
    const fixed = {
      ...stopping,
      max_failures: 99,
      max_attempts: 2,
      lookahead: 4,
      baseline: null,
      trial_timeout: null,
      directions: names.length > 1 ? Object.values(plan.objectives) : [],
      // Of several, the first trial that returns tells them.
      objectives: names.length > 1 ? [] : names,
    };
    const { direction, space: searchspace, trials: num_trials } = plan;
    const [optimizer, es_policy, experiment] = ['RandomSearch', 'MedianRule', 'app_0001'];
    return {
      experiment,
      name,
      description: '',
      searchspace,
      optimizer,
      direction,
      num_trials,
      es_policy,
      ...fixed,
    };
  }

  private emit(event: { type: string; [key: string]: unknown }, steps?: number[], values?: number[]): void {
    const record = { seq: ++this.number, time: this.time, ...event } as unknown as PackedRecord;
    this.made.push(steps && values ? { record, steps, values } : { record });
  }

  private fill(): void {
    while (!this.stopping && this.idle.length > 0 && this.created < this.total)
      this.start(this.idle.shift() as string);
    if (
      this.running.length === 0 &&
      this.over >= this.created &&
      this.number > 0 &&
      (this.stopping || this.created >= this.total)
    )
      this.end();
  }

  private start(worker: string): void {
    const number = ++this.created;
    const id = `t${number.toString(16).padStart(4, '0')}`;
    const params: { [name: string]: Json } = {};
    let [luck, count] = [0, 0];
    for (const parameter of readParameters(this.plan.space)) {
      if (!exists(parameter, params)) continue;
      const drawn = this.draw(parameter);
      params[parameter.name] = drawn.value;
      luck += drawn.luck;
      count++;
    }
    const quality = luck / Math.max(1, count);
    this.emit({ type: 'TrialCreated', trial: id, number, params, by: 'optimizer', parent: null });
    this.emit({ type: 'TrialStarted', trial: id, attempt: 1, worker });
    const state = { step: 0, steps: this.plan.steps, best: 0, due: 0, level: Number.NaN };
    this.running.push({ id, number, worker, quality, ...state });
  }

  /** A value, and how good it is, 0..1. */
  private draw({ type, values: choices, log, step }: Parameter): { value: Json; luck: number } {
    const at = this.random();
    const luck = 1 - 1.6 * Math.abs(at - 0.4);
    if (type === 'CATEGORICAL' || type === 'DISCRETE')
      return { value: choices[Math.floor(at * choices.length)] as Json, luck };
    const [low, high] = choices as [number, number];
    const even = log ? low * (high / low) ** at : low + at * (high - low);
    const value = step === null ? even : Number((low + step * Math.round((even - low) / step)).toFixed(9));
    return { value: type === 'INTEGER' ? Math.round(value) : value, luck };
  }

  private progress(trial: Running, seconds: number): void {
    trial.due += seconds * this.plan.pace * (0.7 + 0.6 * this.random());
    const [steps, values]: [number[], number[]] = [[], []];
    for (; trial.due >= 1 && trial.step < trial.steps; trial.due--) {
      trial.step++;
      steps.push(trial.step);
      values.push(this.metric(trial));
    }
    if (steps.length > 0)
      this.emit({ type: 'TrialProgressed', trial: trial.id, points: steps.length }, steps, values);
    this.curveOf(trial).push(...values);
    this.judge(trial, values[values.length - 1] ?? Number.NaN);
  }

  private readonly curves = new Map<string, number[]>();

  private curveOf({ id }: Running): number[] {
    const curve = this.curves.get(id) ?? [];
    this.curves.set(id, curve);
    return curve;
  }

  private metric({ step, steps, quality, number }: Running): number {
    const rise = 1 - Math.exp((-4.5 * step) / Math.min(steps, 30) - 0.05);
    const score = (0.55 + 0.42 * quality) * rise + 0.02 * (this.random() - 0.5);
    if (this.plan.direction === 'max') return Math.min(0.9993, Math.max(0.02, score));
    if (this.plan.diverges && number % 11 === 5 && step > steps / 3)
      return number % 3 === 0
        ? Number.NaN
        : number % 2
          ? 10 ** Math.min(300, step * 1.3)
          : Number.POSITIVE_INFINITY;
    return 3 * (1.02 - Math.min(1, score)) ** 1.6;
  }

  private judge(trial: Running, value: number): void {
    const better = this.plan.direction === 'max' ? Math.max : Math.min;
    trial.best = trial.step <= 1 ? value : better(trial.best, value);
    if (this.stopping) this.halt(trial, 'experiment', 'the search was stopped', null);
    else if (this.stops.delete(trial.id)) this.halt(trial, 'person', 'stopped in the notebook', null);
    else if (trial.number % 29 === 7 && trial.step > 8) this.fail(trial);
    else if (trial.number % 37 === 27 && trial.step > trial.steps / 2)
      this.halt(trial, 'person', 'flat', null);
    else if (trial.step >= trial.steps) this.finish(trial, value);
    else this.rule(trial);
  }

  private rule(trial: Running): void {
    const level = trial.step >= 5 && this.finished.length >= 10 ? this.median(trial.step) : Number.NaN;
    const worse = this.plan.direction === 'max' ? trial.best < level : trial.best > level;
    if (!worse || this.random() > 0.3) return;
    const side = this.plan.direction === 'max' ? 'below' : 'above';
    const text = `step ${trial.step}: best ${trial.best.toPrecision(3)} ${side} median ${level.toPrecision(3)}`;
    this.halt(trial, 'rule', text, level);
  }

  private halt(trial: Running, by: string, reason: string, level: number | null): void {
    this.emit({ type: 'TrialStopDecided', trial: trial.id, by, reason, level });
    this.emit({ type: 'TrialStopped', trial: trial.id });
    this.leave(trial);
  }

  private fail(trial: Running): void {
    const error = this.plan.hostile
      ? '<script>alert("x")</script>\u0007\u202e'
      : 'OutOfMemoryError: CUDA out of memory';
    this.emit({ type: 'TrialFailed', trial: trial.id, error, traceback: `Traceback\n  ${error}` });
    this.leave(trial);
  }

  private finish(trial: Running, value: number): void {
    const finite = Number.isFinite(value);
    if (finite) {
      const told = this.plan.direction === 'max' ? trial.best : value;
      this.emit({ type: 'TrialFinished', trial: trial.id, value: told, objectives: this.told(trial, told) });
      if (this.finished.length < 400) this.finished.push(this.curveOf(trial));
    } else
      this.emit({ type: 'TrialFailed', trial: trial.id, error: `the metric is ${value}`, traceback: '' });
    this.leave(trial);
  }

  /** All objectives: a good trial is a slow and a large one, more or less. */
  private told({ quality }: Running, value: number): { [name: string]: number } | null {
    const names = Object.keys(this.plan.objectives);
    if (names.length < 2) return null;
    const cost = () => (4 + 40 * Math.max(0, quality) ** 2) * (0.4 + 1.2 * this.random());
    return Object.fromEntries(names.map((name, i) => [name, i === 0 ? value : cost() * 10 ** (i - 1)]));
  }

  private leave(trial: Running): void {
    this.running.splice(this.running.indexOf(trial), 1);
    this.idle.push(trial.worker);
    this.curves.delete(trial.id);
    this.over++;
  }

  private median(step: number): number {
    const values = this.finished.map(curve => curve[step - 1] ?? Number.NaN).filter(Number.isFinite);
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  }

  private thresholds(): void {
    if (this.finished.length < 10 || this.time < this.thresholdsDue) return;
    this.thresholdsDue = this.time + 2 * (this.plan.steps / this.plan.pace / 8);
    const count = Math.min(64, this.plan.steps);
    const steps = Array.from({ length: count }, (_, i) => Math.round(((i + 1) * this.plan.steps) / count));
    this.emit({ type: 'ThresholdsChanged', steps, values: steps.map(step => this.median(step)) });
  }

  private end(): void {
    if (this.total === Number.POSITIVE_INFINITY) return;
    this.total = Number.POSITIVE_INFINITY;
    this.stopping = true;
    this.emit({ type: 'ExperimentEnded', status: 'finished', reason: '' });
  }
}

/** Random numbers in 0..1 (Tommy Ettinger's mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
