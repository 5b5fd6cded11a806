// How fast a long session is recorded, closed, made ready and looked at: node test/bench/review.ts [hours] [people]. The session is made
// up (30 frames a second, a face of everybody in each, gaps now and then) and goes through the store as a recording does, into a folder
// that is removed at the end; eight hours of four people take 3 GB. Prints one JSON object. It measures, it does not judge: the
// numbers depend on what else the machine does.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { FaceRecord } from '../../src/main/core/record.ts';
import { systemClock } from '../../src/main/hosts/compose.ts';
import { OpenSessions } from '../../src/main/hosts/service/open-sessions.ts';
import { DATABASE_FILE } from '../../src/main/store/database.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CAMERA, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { seeded } from '../fixtures/seeded.ts';

const hours = Number(process.argv[2] ?? 8);
const people = Number(process.argv[3] ?? 4);
const frames = Math.round(hours * 3600 * 30);
const [VIEWS, SPANS] = [200, 100];
/** As many as a window asks for. */
const STEPS = 3000;
const random = seeded(8);

const folder = mkdtempSync(join(tmpdir(), 'mien-review-'));

/** What takes minutes says when it is done. */
const say = (what: string, ms: number): void => void process.stderr.write(`${what}: ${Math.round(ms / 1000)} s\n`);

async function timed<T>(work: () => Promise<T> | T): Promise<readonly [T, number]> {
  const startMs = performance.now();
  const result = await work();
  return [result, Math.round(100 * (performance.now() - startMs)) / 100];
}

function spread(values: readonly number[]): { readonly median: number; readonly p95: number; readonly worst: number } {
  const sorted = values.toSorted((p, q) => p - q);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** Faces to choose from: making one takes longer than storing it. */
const faces: readonly FaceRecord[] = Array.from({ length: 500 }, (_, seed) => faceRecord(seed, { reason: null }));

/** Returns how long the end took, in ms. */
async function record(store: RecordingStore): Promise<number> {
  const writer = await store.begin(sessionStart('bench', { code: 'bench', source: CAMERA, firstFrameUnixMs: 0 }));
  const everybody = Array.from({ length: people }, (_, i) => i + 1);
  writer.identity(
    everybody.map((id) => person(id)),
    everybody.map((id) => segment(id, { person: id, lastSequence: frames - 1 })),
  );
  for (let sequence = 0; sequence < frames; sequence++) {
    const own = everybody.flatMap((id) => {
      if ((sequence >> 7) % 20 === id) return []; // looks away for four seconds
      const face = faces[Math.floor(random() * faces.length)];
      return [{ ...face, sequence, segment: id, reason: random() < 0.05 ? ('occluded' as const) : null }];
    });
    writer.frame(frameRecord(sequence, { timeMs: (sequence * 1000) / 30 }), own);
    if (sequence % 16 === 0) await writer.settled();
  }
  const [, endMs] = await timed(() => writer.end({ state: 'complete', problems: [], analysedFps: 30 }));
  return endMs;
}

/** A stretch somewhere, from a second to everything. */
function stretch(): { readonly from: number; readonly to: number } {
  const whole = frames / 30;
  const width = whole ** random();
  const from = random() * (whole - width);
  return { from, to: from + width };
}

try {
  let store = await RecordingStore.open(folder, systemClock);
  const [endMs, recordedMs] = await timed(() => record(store));
  const [, closedMs] = await timed(() => store.close());
  say('recorded', recordedMs);
  const recordedBytes = statSync(join(folder, DATABASE_FILE)).size;

  store = await RecordingStore.open(folder, systemClock);
  const around = {
    isBusy: () => false,
    settled: () => Promise.resolve(),
    whileReading: <T>(work: Promise<T>) => work,
    ending: { aborted: false },
  };
  const [, madeMs] = await timed(() => new OpenSessions(store, around, 0).prepare('bench'));
  say('made ready', madeMs);
  const [, closedAgainMs] = await timed(() => store.close());
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  const levelBytes = db.prepare('SELECT sum(length(data)) FROM level_chunk').pluck().get() as number;
  db.close();

  store = await RecordingStore.open(folder, systemClock);
  const [session, openedMs] = await timed(() => new OpenSessions(store, around, 0).get('bench'));
  const whole = frames / 30;
  const [, figuresMs] = await timed(() => session.figures());
  const [, firstMs] = await timed(() => session.timeline(-whole / 2, 1.5 * whole, STEPS));
  const views: number[] = [];
  for (let i = 0; i < VIEWS; i++) {
    const { from, to } = stretch();
    views.push((await timed(() => session.timeline(from, to, STEPS)))[1]);
  }
  const spans: number[] = [];
  for (let i = 0; i < SPANS; i++) {
    const { from, to } = stretch();
    spans.push((await timed(() => session.figures(from, to)))[1]);
  }
  await store.close();
  console.log(
    JSON.stringify({
      ...{ hours, people, rows: frames * people },
      stored: { rows_per_second: Math.round((1000 * frames * people) / recordedMs), bytes: recordedBytes },
      closing_ms: { session: endMs, program: closedMs, program_after_levels: closedAgainMs },
      levels: {
        made_ms: madeMs,
        rows_per_second: Math.round((1000 * frames * people) / madeMs),
        bytes: levelBytes,
        bytes_per_row: Math.round((10 * levelBytes) / (frames * people)) / 10,
      },
      opening_ms: { session: openedMs, figures: figuresMs, first_timeline: firstMs },
      view_ms: spread(views),
      figures_ms: spread(spans),
      memory_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
