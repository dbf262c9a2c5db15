/** What a trial looks like, read off how it stands. Pure. */

import type { Kind, Status, Trial } from './state';

const KINDS: { [status in Status]: Kind } = {
  PENDING: 'waiting',
  RUNNING: 'running',
  STOPPING: 'running',
  FINALIZED: 'finished',
  STOPPED: 'early',
  ERROR: 'failed',
  CANCELLED: 'cancelled',
};

/** What the trial looks like. One that was stopped with the whole search is as quiet as a cancelled one. */
export function kindOf(trial: Trial): Kind {
  if (trial.status !== 'STOPPED' || trial.stopBy === 'rule') return KINDS[trial.status];
  return trial.stopBy === 'person' ? 'hand' : 'cancelled';
}

/**
 * Whether the trial is but an idea of the optimizer, asked for before a worker was free, and no worker had
 * it yet (or ever will have). People are shown it as one that is to come.
 */
export function isIdea(trial: Trial): boolean {
  return (
    trial.attempt === 0 &&
    trial.by === 'optimizer' &&
    (trial.status === 'PENDING' || trial.status === 'CANCELLED')
  );
}

/** The metric to show: the final one, else the newest finite value; null where there is none. */
export function metricOf(trial: Trial): number | null {
  return trial.finalMetric ?? finite(trial.curve.last);
}

/** The value where it is finite. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
