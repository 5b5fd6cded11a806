// The video of a recording: what of each picture may be seen, and what becomes of it when somebody takes consent back. It never
// holds up the recording, and its end is not the recording's.
import { asError } from '../contract/errors.ts';
import type { LiveVideoState } from '../contract/video.ts';
import type { Box } from '../core/geometry.ts';
import { maskOf } from '../core/masks.ts';
import type { VideoPicture, VideoWriter } from './ports.ts';

/** A face that is not found any more is mostly still there, turned away: so long it stays covered where it was. */
const HOLD_MS = 1000;

/** A face that was found in a picture. */
export interface FoundFace {
  readonly track: number;
  /** In pixels of the picture. */
  readonly box: Box;
  /** Whose it is for sure; null for everybody else's. */
  readonly participant: string | null;
}

/** What a video needs. */
export interface VideoPlan {
  /** Begins it, when the session is there. */
  readonly begin: () => Promise<VideoWriter>;
  /** Codes of those who agreed to be seen. */
  readonly agreed: ReadonlySet<string>;
}

/**
 * Every face that was found is covered but those of people who agreed. A face that was not found is not covered: one that has just
 * come in, until the detector runs, and one that it misses.
 */
export class LiveVideo {
  readonly #plan: VideoPlan;
  /** By track, the faces that are covered, and when they were found last. */
  readonly #covered = new Map<number, { readonly mask: Box; readonly timeMs: number }>();
  #writer: Promise<VideoWriter> | null = null;
  #state: Exclude<LiveVideoState, 'none'> = 'kept';
  #problems: readonly string[] = [];
  #discarding: Promise<void> | null = null;

  constructor(plan: VideoPlan) {
    this.#plan = plan;
  }

  get state(): LiveVideoState {
    return this.#state;
  }

  /** Takes a picture and the faces in it; pictures come in order. `timeMs` is on the session's clock. Never throws. */
  async frame(picture: VideoPicture, timeMs: number, faces: readonly FoundFace[]): Promise<void> {
    if (this.#state !== 'kept') return;
    const masks = this.#masksOf(faces, timeMs);
    try {
      const writer = await (this.#writer ??= this.#plan.begin());
      if (this.#isDiscarded) return; // while it was begun
      writer.frame(picture, timeMs, masks);
      if (writer.hasFailed) this.#state = 'failed';
    } catch (error) {
      if (this.#isDiscarded) return;
      this.#state = 'failed';
      this.#problems = [`No video could be kept: ${asError(error).message}`];
    }
  }

  /** Removes what there is, once, and keeps nothing more. Throws what keeps it from being removed; then it may be tried again. */
  async discard(): Promise<void> {
    this.#state = 'discarded';
    this.#discarding ??= this.#remove();
    try {
      await this.#discarding;
    } catch (error) {
      this.#discarding = null;
      throw error;
    }
  }

  /** Ends it; returns what went wrong with it, in sentences. Never throws. */
  async close(): Promise<readonly string[]> {
    if (this.#isDiscarded) return [];
    const writer = await this.#writer?.catch(() => null); // said already
    try {
      return [...this.#problems, ...((await writer?.close()) ?? [])];
    } catch (error) {
      return [...this.#problems, `The video could not be ended: ${asError(error).message}`];
    }
  }

  async #remove(): Promise<void> {
    const writer = await this.#writer?.catch(() => null); // one that was never begun has nothing to remove
    await writer?.discard();
  }

  get #isDiscarded(): boolean {
    return this.#state === 'discarded';
  }

  #masksOf(faces: readonly FoundFace[], timeMs: number): Box[] {
    for (const { track, box, participant } of faces) {
      if (participant !== null && this.#plan.agreed.has(participant)) this.#covered.delete(track);
      else this.#covered.set(track, { mask: maskOf(box), timeMs });
    }
    for (const [track, covered] of this.#covered) if (timeMs - covered.timeMs > HOLD_MS) this.#covered.delete(track);
    return [...this.#covered.values()].map(({ mask }) => mask);
  }
}
