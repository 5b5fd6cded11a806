// Worker thread: makes the levels of a session from its rows, through a connection that only reads. It hands out what is ready when
// it is asked, so that whoever asks decides how fast it goes.
import { workerData } from 'node:worker_threads';
import { SessionLevelBuilder } from '../core/level-builder.ts';
import type { LevelChunk } from '../core/level-chunk.ts';
import { SpanSums } from '../core/level-sums.ts';
import type { Person } from '../core/persons.ts';
import { timeline, type TimelineRow } from '../core/timeline.ts';
import type { StoredSession } from '../engine/ports.ts';
import { answering, openDatabase } from './database.ts';
import type { ChunkColumns, MadeLevels, MakeRequest } from './level-protocol.ts';
import { readerOf } from './session-reader.ts';
import { fingerprintOf } from './stored-levels.ts';
import { framesInPages } from './stored-rows.ts';
import { serveThread } from '../platform/thread.ts';

const { file } = workerData as { file: string };

/** Rows between two answers: a tenth of a second or so. */
const ROWS_AT_ONCE = 4096;

const db = openDatabase(file, true);

class Making {
  readonly fingerprint: string;
  readonly #rows: Generator<TimelineRow>;
  readonly #frames: number;
  readonly #builder = new SessionLevelBuilder((person, level, chunk) => this.#keep(person, level, chunk));
  /** How many chunks a level of a person has, by both. */
  readonly #counts = new Map<string, number>();
  #ready: ChunkColumns[] = [];
  #framesRead = 0;

  constructor(session: StoredSession) {
    const reader = readerOf(db, session, (number) => this.#counted(framesInPages(db, number)));
    this.fingerprint = fingerprintOf(reader);
    this.#rows = timeline(reader, session.profile);
    this.#frames = session.frames;
  }

  next(): MadeLevels {
    let isDone = false;
    for (let i = 0; i < ROWS_AT_ONCE && !isDone; i++) {
      const row = this.#rows.next();
      if (row.done) isDone = true;
      else this.#builder.add(row.value);
    }
    const ends = isDone ? this.#builder.finish() : null;
    const chunks = this.#ready;
    this.#ready = [];
    return { chunks, share: Math.min(1, this.#framesRead / Math.max(1, this.#frames)), ends };
  }

  *#counted<T>(frames: Iterable<T>): Generator<T> {
    for (const frame of frames) {
      this.#framesRead++;
      yield frame;
    }
  }

  #keep({ id }: Person, level: number, chunk: LevelChunk): void {
    const place = `${id} ${level}`;
    const count = this.#counts.get(place) ?? 0;
    this.#counts.set(place, count + 1);
    this.#ready.push({
      ...{ person: id, level, chunk: count },
      ...{ startSeconds: chunk.startSeconds[0], steps: chunk.length, data: chunk.bytes },
      sums: level === 0 ? new Uint8Array(SpanSums.of(chunk).values.buffer) : null,
    });
  }
}

let making: Making | null = null;

function answer(request: MakeRequest): unknown {
  switch (request.kind) {
    case 'begin':
      making = new Making(request.session);
      return making.fingerprint;
    case 'next':
      if (!making) throw new Error('nothing was begun');
      return making.next();
    case 'close':
      db.close();
      return null;
  }
}

serveThread(answering(answer, file), (request) => request.kind === 'close');
