// Worker thread: scores the pictures of a study, a part at a time, so that a trial can be stopped between two parts.
import { workerData } from 'node:worker_threads';
import { serveThread } from '../../platform/thread.ts';
import { scorePart } from './objective.ts';
import type { TrialRequest, TrialStart } from './trial-protocol.ts';

const { items } = workerData as TrialStart;

function answer(request: TrialRequest): unknown {
  return request.kind === 'score' ? scorePart(items, request.scoring, request.from, request.to) : null;
}

serveThread(
  (request: TrialRequest) => new Promise((resolve) => resolve(answer(request))),
  (request) => request.kind === 'stop',
);
