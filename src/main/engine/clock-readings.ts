// How the capture clock and the wall clock of a recording stand to each other, noted every ten seconds.
import type { ClockReading } from '../core/record.ts';

const EVERY_MS = 10_000;

export class ClockReadings {
  readonly #write: (reading: ClockReading) => void;
  #written: ClockReading | null = null;
  #last: ClockReading | null = null;

  constructor(write: (reading: ClockReading) => void) {
    this.#write = write;
  }

  /** Takes what both clocks said at a frame; frames come in order. The first reading is written, and one in ten seconds. */
  add(reading: ClockReading): void {
    this.#last = reading;
    if (this.#written === null || reading.timeMs - this.#written.timeMs >= EVERY_MS) this.end();
  }

  /** Writes the last reading, if it is not yet. */
  end(): void {
    if (this.#last === null || this.#last === this.#written) return;
    this.#write(this.#last);
    this.#written = this.#last;
  }
}
