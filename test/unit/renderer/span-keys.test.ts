import { describe, expect, it } from 'vitest';
import { SpanKeys, type Reviewed } from '../../../src/renderer/features/review/span-keys.ts';
import type { Span } from '../../../src/renderer/state/span.ts';

/** A review of 100 seconds, all of them in view, as far as keys need one. */
class FakeReview implements Reviewed {
  detail = { startSeconds: 0, endSeconds: 100 };
  view: Span = { fromSeconds: 0, toSeconds: 100 };
  selection: Span | null = null;
  isTimed = true;
  pointerSeconds: number | null = null;
  centred: number | null = null;

  get middleSeconds(): number {
    return (this.view.fromSeconds + this.view.toSeconds) / 2;
  }

  centre(seconds: number): void {
    this.centred = seconds;
  }

  select(span: Span | null): Promise<void> {
    this.selection = span;
    return Promise.resolve();
  }
}

function setUp(changes: Partial<FakeReview> = {}): { review: FakeReview; press: (...keys: string[]) => Span | null } {
  const review = Object.assign(new FakeReview(), changes);
  const keys = new SpanKeys(review);
  const press = (...names: string[]): Span | null => {
    for (const name of names) expect(keys.press(name)).toBe(true);
    return review.selection;
  };
  return { review, press };
}

const [LEFT, RIGHT] = ['ArrowLeft', 'ArrowRight'];

describe('a span that is selected by keys', () => {
  it('begins in the middle of what is in view, and grows and shrinks at the end that moves', () => {
    const { press } = setUp();
    expect(press(RIGHT)).toEqual({ fromSeconds: 50, toSeconds: 52 });
    expect(press(RIGHT, RIGHT)).toEqual({ fromSeconds: 50, toSeconds: 56 });
    expect(press(LEFT)).toEqual({ fromSeconds: 50, toSeconds: 54 });
    expect(press(LEFT, LEFT)).toBeNull();
    expect(press(LEFT)).toEqual({ fromSeconds: 48, toSeconds: 50 });
  });

  it('begins where the pointer is', () => {
    expect(setUp({ pointerSeconds: 10 }).press(LEFT)).toEqual({ fromSeconds: 8, toSeconds: 10 });
  });

  it('goes to the beginning and to the end, and no further', () => {
    const { press } = setUp();
    expect(press('Home')).toEqual({ fromSeconds: 0, toSeconds: 50 });
    expect(press(LEFT)).toEqual({ fromSeconds: 0, toSeconds: 50 });
    expect(press('End')).toEqual({ fromSeconds: 50, toSeconds: 100 });
    expect(press(RIGHT)).toEqual({ fromSeconds: 50, toSeconds: 100 });
  });

  it('goes on from what was selected otherwise, and begins anew when that was cleared', () => {
    const { review, press } = setUp();
    press(RIGHT);
    review.selection = { fromSeconds: 20, toSeconds: 30 };
    expect(press(RIGHT)).toEqual({ fromSeconds: 20, toSeconds: 32 });
    review.selection = null;
    expect(press(RIGHT)).toEqual({ fromSeconds: 50, toSeconds: 52 });
  });

  it('is followed by the view', () => {
    const { review, press } = setUp({ view: { fromSeconds: 40, toSeconds: 42 } });
    press(...Array<string>(9).fill(RIGHT));
    expect(review.centred).toBeNull();
    press(RIGHT, RIGHT);
    expect(review.centred).toBeCloseTo(42.1);
  });

  it('counts pictures one by one', () => {
    const { press } = setUp({ isTimed: false, view: { fromSeconds: 0, toSeconds: 9 }, pointerSeconds: 2.4 });
    expect(press(RIGHT)).toEqual({ fromSeconds: 2, toSeconds: 3 });
  });

  it('leaves other keys alone', () => {
    const review = new FakeReview();
    expect(new SpanKeys(review).press('M')).toBe(false);
    expect(review.selection).toBeNull();
  });
});
