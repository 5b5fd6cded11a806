// Collects the rows of one session and sends them to the writer in groups.
import type { Scope } from '../contract/consent.ts';
import type { Withdrawal } from '../contract/withdrawal.ts';
import type { ClockReading, FaceRecord, FrameRecord, Marker, SessionEvent } from '../core/record.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { Clock, SessionEnd, SessionWriter } from '../engine/ports.ts';
import type { Thread } from '../platform/thread.ts';
import { storeError } from './database.ts';
import { columnsOf, packFace } from './face-codec.ts';
import type { PackedFace, StoreRequest } from './store-protocol.ts';

/** Rows are sent to the writer in groups: at most so many frames, at most so late. */
const GROUP_FRAMES = 64;
const GROUP_MS = 50;
/** Groups on their way to the disk before a writer makes its caller wait. */
const MOST_WAITING = 16;

/** What has a time, if it is one: another would break off the whole recording when it is written. */
function checkedTime<T extends { readonly timeMs: number }>(item: T): T {
  if (!Number.isFinite(item.timeMs)) throw new RangeError(`${item.timeMs} is no time on the session's clock`);
  return item;
}

export class Recording implements SessionWriter {
  readonly #writer: Thread<StoreRequest>;
  readonly #session: number;
  readonly #now: Clock;
  readonly #onTheWay = new Set<Promise<unknown>>();
  #frames: FrameRecord[] = [];
  #faces: PackedFace[] = [];
  #persons = new Map<number, Person>();
  #segments = new Map<number, Segment>();
  #markers = new Map<string, Marker>();
  #events: SessionEvent[] = [];
  #clocks: ClockReading[] = [];
  #withdrawals: Omit<Withdrawal, 'whileRecording'>[] = [];
  #timer: NodeJS.Timeout | null = null;
  #failure: Error | null = null;
  #isAbandoned = false;

  constructor(writer: Thread<StoreRequest>, session: number, clock: Clock) {
    this.#writer = writer;
    this.#session = session;
    this.#now = clock;
  }

  frame(frame: FrameRecord, faces: readonly FaceRecord[]): void {
    this.#frames.push(frame);
    for (const face of faces) this.#faces.push({ ...columnsOf(face), numbers: packFace(face) });
    this.#sendSoon();
    if (this.#frames.length >= GROUP_FRAMES) this.#send();
  }

  identity(persons: readonly Person[], segments: readonly Segment[]): void {
    for (const person of persons) this.#persons.set(person.id, person);
    for (const segment of segments) this.#segments.set(segment.id, segment);
    this.#sendSoon();
  }

  marker(marker: Marker): void {
    this.#markers.set(marker.id, checkedTime(marker));
    this.#sendSoon();
  }

  event(event: SessionEvent): void {
    this.#events.push(checkedTime(event));
    this.#sendSoon();
  }

  clock(reading: ClockReading): void {
    this.#clocks.push(checkedTime(reading));
    this.#sendSoon();
  }

  withdraw(participant: string, scopes: readonly Scope[]): void {
    const unixMs = this.#now.unixMs();
    for (const scope of scopes) this.#withdrawals.push({ participant, scope, unixMs });
    this.#sendSoon();
  }

  async settled(): Promise<void> {
    if (this.#onTheWay.size > MOST_WAITING) await Promise.race(this.#onTheWay);
    if (this.#failure) throw this.#failure;
  }

  async end(end: SessionEnd): Promise<void> {
    this.#send();
    await Promise.all(this.#onTheWay);
    if (this.#isAbandoned) return;
    // The writer knows of what has failed: it ends the session with what there is, and says so.
    await this.#writer.call({ kind: 'end', session: this.#session, unixMs: this.#now.unixMs(), ...end });
  }

  /** Sends nothing more: the session is discarded, and its number may be given to another one. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Sends what waits for more of its kind. */
  flush(): void {
    if (this.#timer) this.#send();
  }

  #sendSoon(): void {
    this.#timer ??= setTimeout(() => this.#send(), GROUP_MS);
  }

  #send(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isAbandoned) return;
    const request: StoreRequest = {
      kind: 'rows',
      session: this.#session,
      frames: this.#frames,
      faces: this.#faces,
      persons: [...this.#persons.values()],
      segments: [...this.#segments.values()],
      markers: [...this.#markers.values()],
      events: this.#events,
      clocks: this.#clocks,
      withdrawals: this.#withdrawals,
    };
    this.#frames = [];
    this.#faces = [];
    this.#persons = new Map();
    this.#segments = new Map();
    this.#markers = new Map();
    this.#events = [];
    this.#clocks = [];
    this.#withdrawals = [];
    const sent = this.#writer.call(request).catch((error: unknown) => {
      this.#failure ??= storeError(error, '');
    });
    this.#onTheWay.add(sent);
    void sent.then(() => this.#onTheWay.delete(sent));
  }
}
