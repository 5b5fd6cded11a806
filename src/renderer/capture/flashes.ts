// Flashes of the screen, and when they are to be seen. Only here the screen's own frames matter: a flash is seen when the frame in
// which it was drawn is shown, which is when the next one begins.
import { DARK_MS, WHITE_MS } from './latency.ts';

/** Of the time between two flashes so much is left to chance, or all might fall at the same place between two frames. */
const CHANCE_MS = 300;

export interface Screen {
  /** Makes the screen white, or black. */
  readonly paint: (isWhite: boolean) => void;
  /** Resolves when the next frame of the screen begins, to that time on a clock that is never stepped, in milliseconds. */
  readonly nextFrame: () => Promise<number>;
  readonly wait: (ms: number) => Promise<void>;
  /** 0…1, a new number each time. */
  readonly random: () => number;
}

/** Shows flashes; resolves to the times at which they were to be seen, on the clock of the screen. */
export async function flash({ paint, nextFrame, wait, random }: Screen, count: number): Promise<number[]> {
  const seenMs: number[] = [];
  for (let i = 0; i < count; i++) {
    paint(false);
    await wait(DARK_MS + CHANCE_MS * random());
    paint(true);
    await nextFrame(); // in which it is drawn
    seenMs.push(await nextFrame());
    await wait(WHITE_MS);
  }
  paint(false);
  return seenMs;
}
