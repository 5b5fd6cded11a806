// Brings colour and depth together: a Kinect takes them by two cameras that run at the same rate and begin when they like.

export type StreamName = 'color' | 'depth';

/** How far apart two pictures of one frame may be: half a frame at 30 a second, and what a busy machine adds. */
export const MOST_APART_MS = 20;

interface Timed {
  readonly hostMs: number;
}

export interface Paired<T> {
  /** Null while the other picture is missing. */
  readonly pair: { readonly color: T; readonly depth: T } | null;
  /** Pictures that will be in no pair, in the order of their streams. */
  readonly left: readonly { readonly stream: StreamName; readonly item: T }[];
}

const OTHER = { color: 'depth', depth: 'color' } as const;

/** Pairs pictures in the order in which they come, each with the newest of the other stream that is near enough. */
export class Pairing<T extends Timed> {
  readonly #waiting: Record<StreamName, T | null> = { color: null, depth: null };

  add(stream: StreamName, item: T): Paired<T> {
    const [own, other] = [this.#waiting[stream], this.#waiting[OTHER[stream]]];
    const left = own ? [{ stream, item: own }] : [];
    if (!other || Math.abs(other.hostMs - item.hostMs) > MOST_APART_MS) {
      this.#waiting[stream] = item;
      return { pair: null, left };
    }
    this.#waiting.color = null;
    this.#waiting.depth = null;
    return { pair: stream === 'color' ? { color: item, depth: other } : { color: other, depth: item }, left };
  }
}
