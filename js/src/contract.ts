// Made by `python -m tools.contract` from maggy/core/events.py and maggy/bridge/contract.py. Do not edit.

/** JSON has no NaN and no infinity: they are spelled as strings, which Number() reads. */
export type Float = number | "NaN" | "Infinity" | "-Infinity";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The search began, with these settings. */
export interface ExperimentStarted {
  type: "ExperimentStarted";
  experiment: string;
  name: string;
  description: string;
  searchspace: { [key: string]: Json };
  optimizer: string;
  direction: string;
  num_trials: number;
  es_policy: string;
  es_interval: Float;
  es_min: number;
  max_failures: number;
  max_attempts: number;
  lookahead: number;
  grace: Float;
  baseline: { [key: string]: Json } | null;
  trial_timeout: Float | null;
  directions: string[];
  objectives: string[];
}

/** A new driver took up the search, with these settings in place of the first ones. */
export interface ExperimentResumed {
  type: "ExperimentResumed";
  optimizer: string;
  num_trials: number;
  es_policy: string;
  es_interval: Float;
  es_min: number;
  max_failures: number;
  lookahead: number;
  trial_timeout: Float | null;
}

/** A worker process on `host` is there, and idle; `number` is 1, 2, ... in the order they came. */
export interface WorkerJoined {
  type: "WorkerJoined";
  worker: string;
  number: number;
  host: string;
  pid: number;
}

/** A worker is gone. */
export interface WorkerLeft {
  type: "WorkerLeft";
  worker: string;
  reason: string;
}

/** A trial was taken on and waits for a worker: suggested by the 'optimizer', or by a 'person'. */
export interface TrialCreated {
  type: "TrialCreated";
  trial: string;
  number: number;
  params: { [key: string]: Json };
  by: string;
  parent: string | null;
}

/** A trial was given to a worker. */
export interface TrialStarted {
  type: "TrialStarted";
  trial: string;
  attempt: number;
  worker: string;
}

/** Metrics of a running trial; `steps` and `values` have the same length. */
export interface TrialProgressed {
  type: "TrialProgressed";
  trial: string;
  steps: number[];
  values: Float[];
}

/** A running trial is to stop: decided by 'rule', 'person' or 'experiment'. */
export interface TrialStopDecided {
  type: "TrialStopDecided";
  trial: string;
  by: string;
  reason: string;
  level: Float | null;
}

/** A trial ended because it was told to; its last metric counts as its result. */
export interface TrialStopped {
  type: "TrialStopped";
  trial: string;
}

/** A trial returned its metric; of several `objectives`, by name and in their order, it is the first. */
export interface TrialFinished {
  type: "TrialFinished";
  trial: string;
  value: Float;
  objectives: { [key: string]: Float } | null;
}

/** A trial raised, returned what is no metric, or lost its worker too often. */
export interface TrialFailed {
  type: "TrialFailed";
  trial: string;
  error: string;
  traceback: string;
}

/** A trial lost its worker and waits to run again from the start. */
export interface TrialRequeued {
  type: "TrialRequeued";
  trial: string;
  reason: string;
  by: string;
}

/** A waiting trial will not run. */
export interface TrialCancelled {
  type: "TrialCancelled";
  trial: string;
}

/** A person wants more trials: there are to be `num_trials` in all. */
export interface TrialsAdded {
  type: "TrialsAdded";
  num_trials: number;
}

/** What the stopping rule compares trials with, by step; as many values as steps. For people to see. */
export interface ThresholdsChanged {
  type: "ThresholdsChanged";
  steps: number[];
  values: Float[];
}

/** The optimizer gives no more trials; `error` tells why where it failed. */
export interface SuggestionsEnded {
  type: "SuggestionsEnded";
  error: string | null;
}

/** The stopping rule raised; the search goes on without it. */
export interface EarlyStopDisabled {
  type: "EarlyStopDisabled";
  error: string;
}

/** No more trials start and the running ones are told to stop; `failed` where it is given up. */
export interface ExperimentStopping {
  type: "ExperimentStopping";
  reason: string;
  failed: boolean;
}

/** The search is over: `status` is 'finished', 'stopped' or 'failed'. */
export interface ExperimentEnded {
  type: "ExperimentEnded";
  status: string;
  reason: string;
}

export type Event =
  | ExperimentStarted
  | ExperimentResumed
  | WorkerJoined
  | WorkerLeft
  | TrialCreated
  | TrialStarted
  | TrialProgressed
  | TrialStopDecided
  | TrialStopped
  | TrialFinished
  | TrialFailed
  | TrialRequeued
  | TrialCancelled
  | TrialsAdded
  | ThresholdsChanged
  | SuggestionsEnded
  | EarlyStopDisabled
  | ExperimentStopping
  | ExperimentEnded;

/** An event with its number and its time (seconds since the epoch). */
export type Record = { seq: number; time: number } & Event;

/** A record on its way: the numbers of a TrialProgressed travel in the buffer beside it. */
export type PackedRecord = { seq: number; time: number } & (
  | Exclude<Event, TrialProgressed>
  | { type: "TrialProgressed"; trial: string; points: number }
);

/** All there is so far; `last` is the number of the last event in it. */
export interface Snapshot {
  type: "Snapshot";
  last: number;
  time: Float;
  records: PackedRecord[];
}

/** The events `first` to `last`, in the same form, with a buffer in the same way. */
export interface Frame {
  type: "Frame";
  first: number;
  last: number;
  time: Float;
  records: PackedRecord[];
}

/** The end of what a trial printed and logged; `missing` characters stand before it. */
export interface Log {
  type: "Log";
  trial: string;
  text: string;
  missing: number;
}

/** A request could not be followed: the request's type, and why, for people. */
export interface Refused {
  type: "Refused";
  request: string;
  reason: string;
}

/** The experiment is gone without having come to an end; why, for people. */
export interface Closed {
  type: "Closed";
  reason: string;
}

export type Message =
  | Snapshot
  | Frame
  | Log
  | Refused
  | Closed;

/** Send a snapshot. */
export interface Sync {
  type: "Sync";
}

/** Stop this trial and keep what it has. */
export interface StopTrial {
  type: "StopTrial";
  trial: string;
  reason: string;
}

/** Stop the experiment kindly: running trials are stopped, results are kept. */
export interface StopExperiment {
  type: "StopExperiment";
  reason: string;
}

/** Run `count` more trials than planned so far. */
export interface AddTrials {
  type: "AddTrials";
  count: number;
}

/** Run a trial with these hyperparameters next, in addition to those planned. */
export interface EnqueueTrial {
  type: "EnqueueTrial";
  params: { [key: string]: Json };
}

/** Send the end of this trial's log. */
export interface ReadLog {
  type: "ReadLog";
  trial: string;
}

export type Request =
  | Sync
  | StopTrial
  | StopExperiment
  | AddTrials
  | EnqueueTrial
  | ReadLog;
