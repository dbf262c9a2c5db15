/** The searches that the page can show. */

import type { Json } from '../src/contract';
import type { Plan } from './search';

const CNN: { [name: string]: Json } = {
  learning_rate: ['DOUBLE', [1e-4, 1e-1], { log: true }],
  dropout: ['DOUBLE', [0, 0.6]],
  kernel: ['INTEGER', [2, 8]],
  optimizer: ['CATEGORICAL', ['rmsprop', 'sgd', 'adam']],
};
const HOSTILE: { [name: string]: Json } = {
  '<b onclick=alert(1)>bold</b>': ['DOUBLE', [0, 1]],
  'a name that is far too long to stand above an axis of any width at all': ['INTEGER', [1, 3]],
  '\u202ereversed\u0007bell': ['DISCRETE', [16, 32, 64, 128, 256]],
  constructor: ['CATEGORICAL', ['<script>alert(1)</script>', 'a\nb', 'y'.repeat(400), 'None', null]],
};
const ODD: Plan['objectives'] = {
  '<i>accuracy of the very best model</i>': 'max',
  'time\u202e\u0007': 'min',
};
/** Most trials lack some. */
const MODELS: { [name: string]: Json } = {
  model: ['CATEGORICAL', ['svm', 'tree', 'net']],
  depth: ['INTEGER', [1, 8], { when: { model: ['tree'] } }],
  leaf: ['DOUBLE', [0, 0.5], { step: 0.05, when: { depth: [4, 5, 6, 7, 8] } }],
  layers: ['DISCRETE', [1, 2, 3], { when: { model: ['net'] } }],
  width: ['INTEGER', [16, 512], { log: true, when: { model: ['net'] } }],
  activation: ['CATEGORICAL', ['relu', 'tanh'], { when: { layers: [2, 3] } }],
  rate: ['DOUBLE', [1e-4, 1e-1], { log: true }],
};

export const BASE: Plan = {
  seed: 7,
  trials: 60,
  steps: 30,
  workers: 4,
  before: 40,
  frames: 10,
  pace: 1,
  direction: 'max',
  objectives: {},
  space: CNN,
  diverges: false,
  hostile: false,
};

export const PLANS: { [name: string]: Partial<Plan> } = {
  live: {},
  busy: { workers: 12, before: 44, trials: 80 },
  start: { before: 3 },
  large: { trials: 10_200, steps: 50, workers: 50, before: 10_000, pace: 5 },
  thousand: { trials: 1200, steps: 50, workers: 50, before: 1000, pace: 5 },
  hundred: { trials: 300, steps: 50, workers: 50, before: 100, pace: 5 },
  loss: { direction: 'min', diverges: true, trials: 90, before: 60 },
  named: { direction: 'min', objectives: { validation_loss: 'min' } },
  several: { objectives: { accuracy: 'max', latency: 'min' }, trials: 90, before: 60 },
  many: {
    objectives: { accuracy: 'max', latency: 'min' },
    trials: 10_200,
    workers: 50,
    before: 10_000,
    pace: 5,
  },
  three: { objectives: { accuracy: 'max', latency: 'min', size: 'min' }, before: 50 },
  unnamed: { objectives: { accuracy: 'max', latency: 'min' }, before: 0 },
  hostile: { hostile: true, space: HOSTILE, objectives: ODD },
  conditional: { space: MODELS },
  wide: { space: wide(20) },
  one: { trials: 1, before: 0, workers: 1 },
  none: { trials: 0, before: 0 },
  bare: { space: {} },
};

function wide(count: number): { [name: string]: Json } {
  const kinds: Json[] = [
    ['DOUBLE', [1e-5, 1e-1], { log: true }],
    ['INTEGER', [1, 8]],
    ['CATEGORICAL', ['relu', 'gelu', 'swish', 'tanh']],
    ['DOUBLE', [-1, 1]],
    ['INTEGER', [16, 1024], { step: 16 }],
  ];
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`layer_${i + 1}_parameter`, kinds[i % kinds.length] as Json]),
  );
}
