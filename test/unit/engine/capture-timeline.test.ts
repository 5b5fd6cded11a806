import { describe, expect, it } from 'vitest';
import { CaptureTimeline, type Place } from '../../../src/main/engine/capture-timeline.ts';

const START_MS = 1_790_000_000_000;
/** From a frame's capture to its arrival. */
const LAG_MS = 5;

interface SleepOf {
  readonly ms: number;
  /** Whether the program's monotonic clock goes on meanwhile, and the window's. */
  readonly program: boolean;
  readonly window: boolean;
}

/** A machine with its clocks, a window with a camera on it, and timers that run four times a second. */
class Machine {
  /** True time since the start; what each clock has fallen behind, or is set by. */
  trueMs = 0;
  monotonicBehindMs = 0;
  windowBehindMs = 0;
  wallAheadMs = 0;
  readonly timeline = new CaptureTimeline({
    monotonicMs: () => 77_000 + this.trueMs - this.monotonicBehindMs,
    unixMs: () => this.#wallMs,
    uptimeMs: () => 10 * Math.floor((500_000 + this.trueMs) / 10),
  });

  get #wallMs(): number {
    return START_MS + this.trueMs + this.wallAheadMs;
  }

  get #windowMs(): number {
    return START_MS + this.trueMs - this.windowBehindMs;
  }

  /** Passes time in which nothing but timers happens. */
  wait(ms: number): void {
    for (let left = ms; left > 0; left -= 250) {
      this.trueMs += Math.min(250, left);
      this.timeline.tick();
    }
  }

  /** A frame that is captured now and arrives a moment later; `heldMs` is how long the program does not come to its turn. */
  frame(lagMs = LAG_MS, heldMs = 0): Place {
    const unixMs = this.#windowMs;
    this.trueMs += lagMs;
    const arrivedUnixMs = this.#wallMs;
    this.trueMs += heldMs;
    const place = this.timeline.place({ unixMs, arrivedUnixMs });
    this.trueMs -= lagMs;
    return { ...place, unixMs: place.unixMs - START_MS };
  }

  /** Frames, so many milliseconds apart. */
  frames(count: number, everyMs = 40): Place[] {
    return Array.from({ length: count }, () => {
      this.trueMs += everyMs;
      return this.frame();
    });
  }

  sleep({ ms, program, window }: SleepOf): void {
    this.trueMs += ms;
    if (!program) this.monotonicBehindMs += ms;
    if (!window) this.windowBehindMs += ms;
  }
}

describe('the time of frames', () => {
  it('is what the window says, while nothing happens', () => {
    const machine = new Machine();
    expect(machine.frames(3)).toEqual([40, 80, 120].map((unixMs) => ({ unixMs, gap: null })));
    expect(machine.timeline.shifted(START_MS + 1)).toBe(START_MS + 1);
  });

  it.each([
    ['stand still', { ms: 60_000, program: false, window: false }],
    ['go on', { ms: 60_000, program: true, window: true }],
    ['stand still in the window alone', { ms: 60_000, program: true, window: false }],
    ['stand still in the program alone', { ms: 60_000, program: false, window: true }],
  ])('counts a sleep in which clocks %s, and says that there was one', (_, sleep) => {
    for (const isTimerFirst of [true, false]) {
      const machine = new Machine();
      machine.frames(50);
      machine.sleep(sleep);
      if (isTimerFirst) machine.timeline.tick();
      const places = machine.frames(50);
      expect(places.map(({ gap }) => gap)).toEqual(['slept', ...Array<null>(49).fill(null)]);
      places.forEach(({ unixMs }, i) => expect(Math.abs(unixMs - (62_040 + 40 * i))).toBeLessThan(15));
      expect(machine.timeline.silence).toBe('camera_lost');
    }
  });

  it('counts every sleep, and one behind which the first frame is late by as much as it was long', () => {
    const machine = new Machine();
    const asleep = { ms: 5000, program: false, window: false };
    for (let i = 1; i <= 3; i++) {
      machine.frames(10);
      machine.sleep(asleep);
      machine.trueMs += 40;
      const { unixMs, gap } = machine.frame(700);
      expect([gap, Math.abs(unixMs - machine.trueMs) < 20]).toEqual(['slept', true]);
    }
  });

  it('of a marker is moved like that of frames', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.sleep({ ms: 60_000, program: true, window: false });
    machine.frames(10);
    expect(machine.timeline.shifted(START_MS + 800)).toBe(START_MS + 60_800);
  });

  it.each([3_600_000, -3_600_000, 1500, -1500])('does not heed a wall clock that is set by %i ms', (setByMs) => {
    const machine = new Machine();
    machine.frames(10);
    machine.wallAheadMs = setByMs;
    machine.wait(500);
    expect(machine.frames(10)).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ unixMs: 900 + 40 * (i + 1), gap: null })),
    );
  });

  it('does not heed it behind a sleep either, when it is set a little', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.sleep({ ms: 60_000, program: false, window: false });
    machine.wallAheadMs = 300;
    const [{ unixMs, gap }] = machine.frames(1);
    expect([gap, Math.abs(unixMs - 60_440) < 15]).toEqual(['slept', true]);
  });

  it('of frames that waited for a program that was busy is that of their capture', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.trueMs += 40;
    expect(machine.frame(LAG_MS, 5000)).toEqual({ unixMs: 440, gap: null });
    machine.trueMs -= 4960; // captured 40 ms behind the one before, and waiting since
    expect(machine.frame(LAG_MS, 4960)).toEqual({ unixMs: 480, gap: null });
    const lost = Array.from({ length: 124 }, (_, i) => machine.timeline.placeLost(START_MS + 520 + 40 * i));
    expect(new Set(lost.map(({ gap }) => gap))).toEqual(new Set([null]));
    expect(machine.frames(2)).toEqual([5480, 5520].map((unixMs) => ({ unixMs, gap: null })));
  });

  it('of a frame that was on its way when the machine fell asleep is before the sleep', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.trueMs += 40;
    const onItsWay = { unixMs: START_MS + 440, arrivedUnixMs: START_MS + 445 };
    machine.sleep({ ms: 60_000, program: false, window: false });
    expect(machine.timeline.place(onItsWay)).toEqual({ unixMs: START_MS + 440, gap: null });
    expect(machine.frames(1)[0].gap).toBe('slept');
  });
});

describe('a camera that is silent', () => {
  it('is gone, and is so of the next frame where no timer noticed it', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.wait(1500);
    expect(machine.timeline.silence).toBe('camera_lost');
    expect(machine.frames(2).map(({ gap }) => gap)).toEqual(['camera_lost', null]);
  });

  it('and slow is not gone', () => {
    const machine = new Machine();
    machine.timeline.newSource(2000, false);
    const places: Place[] = [];
    for (let i = 0; i < 5; i++) {
      machine.wait(2000);
      places.push(machine.frame());
    }
    expect(places.map(({ gap }) => gap)).toEqual([null, null, null, null, null]);
    expect(machine.timeline.goneMs).toBe(6000);
    machine.sleep({ ms: 3000, program: false, window: false });
    machine.wait(2000);
    expect(machine.frame().gap).toBe('slept'); // although three frames have not been missed
  });

  it('behind a sleep is so because of it', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.sleep({ ms: 60_000, program: false, window: false });
    machine.wait(1000);
    expect(machine.timeline.silence).toBe('slept');
  });

  it('was so before a frame that was lost, too', () => {
    const machine = new Machine();
    machine.frames(10);
    expect(machine.timeline.placeLost(START_MS + 440).gap).toBeNull();
    expect(machine.timeline.placeLost(START_MS + 5000).gap).toBe('camera_lost');
    machine.trueMs = 5000;
    expect(machine.frames(1)).toEqual([{ unixMs: 5040, gap: null }]);
  });
});

describe('another window', () => {
  it.each([3_600_000, -3_600_000])(
    'whose clock is elsewhere by %i ms goes on in the time of the session',
    (aheadMs) => {
      const machine = new Machine();
      machine.frames(10);
      machine.timeline.newSource(25, true);
      machine.windowBehindMs = -aheadMs;
      machine.wait(3000);
      const [first, second] = machine.frames(2);
      expect([first, second]).toEqual([
        { unixMs: 3440, gap: 'camera_lost' },
        { unixMs: 3480, gap: null },
      ]);
    },
  );

  it('counts from what its own clock says where nothing is recorded', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.timeline.newSource(null, false);
    machine.windowBehindMs = -3_600_000;
    expect(machine.frames(1)).toEqual([{ unixMs: 3_600_440, gap: null }]);
  });

  it('whose camera was opened again behind a sleep is moved by the sleep', () => {
    const machine = new Machine();
    machine.frames(10);
    machine.sleep({ ms: 60_000, program: false, window: false });
    machine.timeline.newSource(25, true);
    machine.wait(3000);
    const [{ unixMs, gap }] = machine.frames(1);
    expect([gap, Math.abs(unixMs - 63_440) < 20]).toEqual(['slept', true]);
  });
});
