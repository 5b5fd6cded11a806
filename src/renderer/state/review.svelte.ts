// One session under review: what stretch is in view, what is selected, and the figures of it.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { PersonFigures, PersonTimeline, SessionDetail } from '../../main/contract/api.ts';
import type { Program } from '../connection/program.svelte.ts';

export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** A view is never narrower. */
const NARROWEST_SECONDS = 0.5;
/** Steps that are asked for: about two for each pixel of a large screen, so that small movements ask for nothing. */
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
  #asked = 0;
  #askedFigures = 0;
  /** What the steps that we have cover, and how wide the view was that they were asked for. */
  #loaded: (Span & { readonly width: number }) | null = null;
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

  get view(): Span {
    return this.#view;
  }

  get selection(): Span | null {
    return this.#selection;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      const detail = await this.#program.call('sessions.describe', { id: this.#id }).result;
      this.#detail = detail;
      this.#figures = detail.persons;
      this.showAll();
    });
  }

  /** Asks for everything again, because it was corrected; what is in view and selected stays. */
  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      this.#detail = await this.#program.call('sessions.describe', { id: this.#id }).result;
      this.#loaded = null;
      await Promise.all([this.#fetch(), this.select(this.#selection)]);
    });
  }

  /** Brings a time into the middle of the view. */
  centre(seconds: number): void {
    const half = (this.#view.toSeconds - this.#view.fromSeconds) / 2;
    this.show({ fromSeconds: seconds - half, toSeconds: seconds + half });
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
    void this.#fetch();
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

  /** Gets steps for the view and half of it on either side, unless those that are there will do. */
  async #fetch(): Promise<void> {
    const { fromSeconds, toSeconds } = this.#view;
    const width = toSeconds - fromSeconds;
    const loaded = this.#loaded;
    const isCovered = loaded && loaded.fromSeconds <= fromSeconds && loaded.toSeconds >= toSeconds;
    if (isCovered && width > loaded.width / 1.5) return;
    const span = { fromSeconds: fromSeconds - width / 2, toSeconds: toSeconds + width / 2 };
    const asked = ++this.#asked;
    await this.#attempt(async () => {
      const timeline = await this.#program.call('sessions.timeline', { id: this.#id, ...span, steps: STEPS }).result;
      if (asked !== this.#asked) return;
      this.#loaded = { ...span, width };
      this.#timeline = timeline;
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
