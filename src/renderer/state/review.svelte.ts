// One session under review: what stretch is in view, what is selected, and the figures of it.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { PersonFigures, PersonTimeline, SessionDetail } from '../../main/contract/api.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';
import type { Span } from './span.ts';
import { Steps } from './steps.ts';

export type { Span };

/** A view is never narrower. */
const NARROWEST_SECONDS = 0.5;
/** Steps that are asked for: about two for each pixel of a large screen. */
const STEPS = 3000;

export class Review {
  readonly #program: Program;
  readonly #id: string;
  #detail = $state.raw<SessionDetail | null>(null);
  #timeline = $state.raw<readonly PersonTimeline[]>([]);
  #figures = $state.raw<readonly PersonFigures[]>([]);
  #error = $state.raw<ErrorReport | null>(null);
  #view = $state.raw<Span>({ fromSeconds: 0, toSeconds: 1 });
  #selection = $state.raw<Span | null>(null);
  #preparedShare = $state.raw<number | null>(null);
  #describing: Call<'sessions.describe'> | null = null;
  #askedFigures = 0;
  readonly #steps = new Steps(async (span) => {
    this.#timeline = await this.#program.call('sessions.timeline', { id: this.#id, ...span, steps: STEPS }).result;
  });
  /** Where the pointer is over a timeline, in seconds; null while it is elsewhere. */
  pointerSeconds: number | null = null;

  constructor(program: Program, id: string) {
    this.#program = program;
    this.#id = id;
  }

  get detail(): SessionDetail | null {
    return this.#detail;
  }

  /** Whether there are times; pictures have numbers instead. */
  get isTimed(): boolean {
    return this.#detail?.summary.kind !== 'pictures';
  }

  get timeline(): readonly PersonTimeline[] {
    return this.#timeline;
  }

  /** Of the selected span, or of the whole session. */
  get figures(): readonly PersonFigures[] {
    return this.#figures;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** How much of the timelines is made, 0…1, while they are being made; else null. */
  get preparedShare(): number | null {
    return this.#preparedShare;
  }

  get view(): Span {
    return this.#view;
  }

  get selection(): Span | null {
    return this.#selection;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      const detail = await this.#describe();
      if (!detail) return;
      this.#detail = detail;
      this.#figures = detail.persons;
      this.showAll();
    });
  }

  /**
   * Asks for everything again, because it was corrected; what is in view and selected stays. Resolves when that is there, or when
   * it has turned out to take its time.
   */
  async refresh(): Promise<void> {
    await new Promise<void>((resolve) => {
      const refreshed = this.#attempt(async () => {
        const detail = await this.#describe(resolve);
        if (!detail) return;
        this.#detail = detail;
        this.#steps.forget();
        await Promise.all([this.#steps.show(this.#view), this.select(this.#selection)]);
      });
      void refreshed.then(resolve);
    });
  }

  /** Nobody looks any more. */
  close(): void {
    this.#describing?.cancel();
  }

  /** Resolves to null when it was asked for again meanwhile. */
  async #describe(onSlow: () => void = () => undefined): Promise<SessionDetail | null> {
    const call = this.#program.call('sessions.describe', { id: this.#id }, (share) => {
      this.#preparedShare = share;
      onSlow();
    });
    this.#describing = call;
    try {
      const detail = await call.result;
      return this.#describing === call ? detail : null;
    } finally {
      if (this.#describing === call) [this.#describing, this.#preparedShare] = [null, null];
    }
  }

  /** Brings a time into the middle of the view. */
  centre(seconds: number): void {
    const half = (this.#view.toSeconds - this.#view.fromSeconds) / 2;
    this.show({ fromSeconds: seconds - half, toSeconds: seconds + half });
  }

  /** Turns the page, as it were, when a time that goes on leaves the view. */
  follow(seconds: number): void {
    const { fromSeconds, toSeconds } = this.#view;
    if (seconds >= fromSeconds && seconds <= toSeconds) return;
    this.show({ fromSeconds: seconds, toSeconds: seconds + toSeconds - fromSeconds });
  }

  get middleSeconds(): number {
    return (this.#view.fromSeconds + this.#view.toSeconds) / 2;
  }

  showAll(): void {
    const { startSeconds = 0, endSeconds = 1 } = this.#detail ?? {};
    this.show({ fromSeconds: startSeconds, toSeconds: Math.max(endSeconds, startSeconds + NARROWEST_SECONDS) });
  }

  /** Moves the view, as far as the session goes. */
  show({ fromSeconds, toSeconds }: Span): void {
    const { startSeconds = 0, endSeconds = 1 } = this.#detail ?? {};
    const whole = Math.max(endSeconds - startSeconds, NARROWEST_SECONDS);
    const width = Math.min(whole, Math.max(NARROWEST_SECONDS, toSeconds - fromSeconds));
    const from = Math.min(Math.max(fromSeconds, startSeconds), startSeconds + whole - width);
    this.#view = { fromSeconds: from, toSeconds: from + width };
    const asked = this.#steps.show(this.#view);
    if (asked) void this.#attempt(() => asked);
  }

  /** Zooms by a factor around a time, which stays where it is. */
  zoom(factor: number, aroundSeconds: number): void {
    const { fromSeconds, toSeconds } = this.#view;
    this.show({
      fromSeconds: aroundSeconds - (aroundSeconds - fromSeconds) * factor,
      toSeconds: aroundSeconds + (toSeconds - aroundSeconds) * factor,
    });
  }

  /** Moves by a share of what is in view. */
  pan(share: number): void {
    const { fromSeconds, toSeconds } = this.#view;
    const by = share * (toSeconds - fromSeconds);
    this.show({ fromSeconds: fromSeconds + by, toSeconds: toSeconds + by });
  }

  async select(span: Span | null): Promise<void> {
    this.#selection = span;
    const asked = ++this.#askedFigures;
    if (!span) {
      this.#figures = this.#detail?.persons ?? [];
      return;
    }
    await this.#attempt(async () => {
      const figures = await this.#program.call('sessions.figures', { id: this.#id, ...span }).result;
      if (asked === this.#askedFigures) this.#figures = figures;
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#error = null;
    } catch (error) {
      this.#error = reportOf(error);
    }
  }
}
