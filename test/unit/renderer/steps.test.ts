// How the window asks for the steps of what it shows: one call at a time, and of many views the latest.
import { describe, expect, it } from 'vitest';
import type { Span } from '../../../src/renderer/state/span.ts';
import { Steps } from '../../../src/renderer/state/steps.ts';

const view = (fromSeconds: number, toSeconds: number): Span => ({ fromSeconds, toSeconds });

/** Calls that are answered when the test says so. */
class Asked {
  readonly spans: string[] = [];
  readonly answers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  readonly steps = new Steps(({ fromSeconds, toSeconds }) => {
    this.spans.push(`${fromSeconds} to ${toSeconds}`);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  });

  async answer(): Promise<void> {
    this.answers.shift()?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the steps of a view', () => {
  it('are asked for with half a view more on either side, and not again while that will do', async () => {
    const asked = new Asked();
    const shown = asked.steps.show(view(100, 200));
    await asked.answer();
    await shown;
    expect(asked.steps.show(view(50, 150))).toBeNull();
    expect(asked.steps.show(view(120, 187))).toBeNull();
    expect(asked.spans).toEqual(['50 to 250']);
  });

  it.each([
    [view(49, 149), '-1 to 199'],
    [view(151, 251), '101 to 301'],
    [view(120, 186), '87 to 219'], // narrower: there are finer steps
  ])('that are not there are asked for: %o', async (next, span) => {
    const asked = new Asked();
    void asked.steps.show(view(100, 200));
    await asked.answer();
    expect(asked.steps.show(next)).not.toBeNull();
    expect(asked.spans).toEqual(['50 to 250', span]);
  });

  it('are asked for one view at a time; of those that come meanwhile the latest counts', async () => {
    const asked = new Asked();
    for (const each of [view(0, 10), view(100, 110), view(200, 210), view(300, 310)]) void asked.steps.show(each);
    expect(asked.spans).toEqual(['-5 to 15']);
    await asked.answer();
    expect(asked.spans).toEqual(['-5 to 15', '295 to 315']);
    await asked.answer();
    expect(asked.spans).toHaveLength(2);
    expect(asked.steps.show(view(300, 310))).toBeNull();
  });

  it('are asked for again after a view that went away and came back while others were on their way', async () => {
    const asked = new Asked();
    void asked.steps.show(view(0, 10));
    await asked.answer();
    void asked.steps.show(view(100, 110));
    void asked.steps.show(view(0, 10)); // what is there is about to be replaced
    await asked.answer();
    expect(asked.spans).toEqual(['-5 to 15', '95 to 115', '-5 to 15']);
  });

  it('do not count when they were forgotten on their way', async () => {
    const asked = new Asked();
    void asked.steps.show(view(0, 10));
    asked.steps.forget();
    await asked.answer();
    expect(asked.spans).toEqual(['-5 to 15', '-5 to 15']);
    await asked.answer();
    expect(asked.steps.show(view(0, 10))).toBeNull();
    asked.steps.forget();
    expect(asked.steps.show(view(0, 10))).not.toBeNull();
  });

  it('are asked for again after a failure, which whoever asked hears of', async () => {
    const asked = new Asked();
    const shown = asked.steps.show(view(0, 10));
    asked.answers.shift()?.reject(new Error('gone'));
    await expect(shown).rejects.toThrow('gone');
    const again = asked.steps.show(view(0, 10));
    await asked.answer();
    await again;
    expect(asked.spans).toEqual(['-5 to 15', '-5 to 15']);
  });
});
