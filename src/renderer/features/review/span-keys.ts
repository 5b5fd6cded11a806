// Selecting a span with the keyboard: one end stays, the other goes where the keys say.
import type { SessionDetail } from '../../../main/contract/api.ts';
import type { Span } from '../../state/span.ts';

/** A key moves the end by this share of what is in view. */
const STEP = 0.02;
/** Steps are no shorter than what can be told apart in figures: a tenth of a second, or a picture. */
const LEAST = { timed: 0.1, pictures: 1 } as const;

const isIn = ({ fromSeconds, toSeconds }: Span, seconds: number): boolean =>
  seconds >= fromSeconds && seconds <= toSeconds;

/** What keys need of a review (state/review.svelte.ts). */
export interface Reviewed {
  readonly detail: Pick<SessionDetail, 'startSeconds' | 'endSeconds'> | null;
  readonly view: Span;
  readonly selection: Span | null;
  readonly isTimed: boolean;
  readonly pointerSeconds: number | null;
  readonly middleSeconds: number;
  centre(seconds: number): void;
  select(span: Span | null): Promise<void>;
}

export class SpanKeys {
  readonly #review: Reviewed;
  /** The end that stays; null while there is none. */
  #anchor: number | null = null;
  #head = 0;
  /** What was selected here: whatever else is selected is begun with anew. */
  #own: Span | null = null;

  constructor(review: Reviewed) {
    this.#review = review;
  }

  /** Moves the end of the span by a key that was pressed together with Shift. Returns whether it is one of those keys. */
  press(key: string): boolean {
    const { startSeconds = 0, endSeconds = 0 } = this.#review.detail ?? {};
    if (key === 'ArrowLeft') this.#go(-this.#step);
    else if (key === 'ArrowRight') this.#go(this.#step);
    else if (key === 'Home') this.#go(startSeconds - endSeconds);
    else if (key === 'End') this.#go(endSeconds - startSeconds);
    else return false;
    return true;
  }

  get #step(): number {
    const { view, isTimed } = this.#review;
    const step = Math.max(STEP * (view.toSeconds - view.fromSeconds), isTimed ? LEAST.timed : LEAST.pictures);
    return isTimed ? step : Math.round(step);
  }

  #go(bySeconds: number): void {
    const { detail, selection, view } = this.#review;
    if (!detail) return;
    const clamped = (seconds: number): number => Math.min(detail.endSeconds, Math.max(detail.startSeconds, seconds));
    if (selection && selection !== this.#own) [this.#anchor, this.#head] = [selection.fromSeconds, selection.toSeconds];
    else if (!selection && (this.#own !== null || !isIn(view, this.#head))) this.#anchor = null; // it was left
    const anchor = this.#anchor ?? clamped(this.#whole(this.#review.pointerSeconds ?? this.#review.middleSeconds));
    const head = clamped((this.#anchor === null ? anchor : this.#head) + bySeconds);
    [this.#anchor, this.#head] = [anchor, head];
    this.#own = head === anchor ? null : { fromSeconds: Math.min(anchor, head), toSeconds: Math.max(anchor, head) };
    if (!isIn(view, head)) this.#review.centre(head);
    void this.#review.select(this.#own);
  }

  /** Pictures are counted. */
  #whole(seconds: number): number {
    return this.#review.isTimed ? seconds : Math.round(seconds);
  }
}
