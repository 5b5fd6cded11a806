// Flow control of a live camera: so many frames are under way at once, and of those that come meanwhile only the latest waits.

/** A frame that waits or is sent must be closed by whoever has it last. */
interface Closable {
  close(): void;
}

export class LatestWins<F extends Closable> {
  readonly #most: number;
  readonly #send: (frame: F, unixMs: number, dropped: readonly number[]) => Promise<void>;
  #underWay = 0;
  #waiting: { readonly frame: F; readonly unixMs: number } | null = null;
  /** When the frames were captured that have been dropped since one was sent. */
  #dropped: number[] = [];
  #allDropped = 0;

  /** `send` takes a frame to the program and resolves when that is ready for another one; it closes the frame. */
  constructor(most: number, send: (frame: F, unixMs: number, dropped: readonly number[]) => Promise<void>) {
    this.#most = most;
    this.#send = send;
  }

  /** Frames dropped so far. */
  get dropped(): number {
    return this.#allDropped;
  }

  add(frame: F, unixMs: number): void {
    const late = this.#waiting;
    if (late) {
      late.frame.close();
      this.#dropped.push(late.unixMs);
      this.#allDropped++;
    }
    this.#waiting = { frame, unixMs };
    this.#next();
  }

  #next(): void {
    if (!this.#waiting || this.#underWay >= this.#most) return;
    const { frame, unixMs } = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = null;
    this.#dropped = [];
    this.#underWay++;
    void this.#send(frame, unixMs, dropped).finally(() => {
      this.#underWay--;
      this.#next();
    });
  }
}
