// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_runtime.mjs: an exported model in ONNX Runtime, one sample and one thread at a time: its answers, and how long
// they take. node onnx_runtime.mjs MODEL.onnx IMAGES.idx [LABELS.idx] [--samples N] [--logits N] [--queries N] prints one
// JSON document, with the logits of the first 100 samples, or so many. The module onnxruntime-node is looked for in
// $ONNXRUNTIME_NODE, a folder with node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

const require = createRequire((process.env.ONNXRUNTIME_NODE ?? process.cwd()) + '/');
const ort = require('onnxruntime-node');

const words = [];
const options = { samples: 1000, logits: 100, queries: 1024 };
for (let i = 2; i < process.argv.length; ++i) {
  const word = process.argv[i];
  if (word.startsWith('--')) options[word.slice(2)] = Number(process.argv[++i]);
  else words.push(word);
}
const [model, images, labels] = words;

const idx = readFileSync(images);
const count = Math.min(idx.readUInt32BE(4), options.samples);
const elements = idx.readUInt32BE(8) * idx.readUInt32BE(12);
const truth = labels ? readFileSync(labels).subarray(8) : null;

const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
});
const shape = [1, 1, idx.readUInt32BE(8), idx.readUInt32BE(12)];
const inputs = [];
for (let i = 0; i < count; ++i) {
  const sample = new Float32Array(elements);
  for (let e = 0; e < elements; ++e) sample[e] = Math.fround(idx[16 + i * elements + e] / 255);
  inputs.push({ input: new ort.Tensor('float32', sample, shape) });
}
const classes = [];
const logits = [];
let correct = 0;
for (let i = 0; i < count; ++i) {
  const { data } = (await session.run(inputs[i], ['logits'])).logits;
  let most = 0;
  for (let c = 1; c < data.length; ++c) if (data[c] > data[most]) most = c;
  classes.push(most);
  if (i < options.logits) logits.push(Array.from(data));
  if (truth && truth[i] === most) ++correct;
}
for (let i = 0; i < options.queries / 10; ++i) await session.run(inputs[i % inputs.length], ['logits']);
const seconds = [];
for (let i = 0; i < options.queries; ++i) {
  const begin = performance.now();
  await session.run(inputs[i % inputs.length], ['logits']);
  seconds.push((performance.now() - begin) / 1e3);
}
seconds.sort((a, b) => a - b);
const at = (share) => seconds[Math.max(0, Math.ceil(share * seconds.length) - 1)];
const text = JSON.stringify({
  samples: count, correct: truth ? correct : null, classes, logits,
  queries: options.queries, p50_seconds: at(0.5), p90_seconds: at(0.9), p99_seconds: at(0.99),
});
process.stdout.write(text + '\n', () => process.exit(0));  // a pipe takes it bit by bit
