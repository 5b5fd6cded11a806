import { describe, expect, it } from 'vitest';
import { MOST_APART_MS, Pairing, type StreamName } from '../../../../src/main/sources/kinect/pairing.ts';

interface Item {
  readonly hostMs: number;
}

/** Adds pictures such as "c0" and "d8" (milliseconds); gives the pairs and what was left, in words. */
function run(...pictures: readonly string[]): string[] {
  const pairing = new Pairing<Item>();
  return pictures.flatMap((text) => {
    const stream: StreamName = text.startsWith('c') ? 'color' : 'depth';
    const { pair, left } = pairing.add(stream, { hostMs: Number(text.slice(1)) });
    return [
      ...left.map((gone) => `-${gone.stream[0]}${gone.item.hostMs}`),
      ...(pair ? [`c${pair.color.hostMs}+d${pair.depth.hostMs}`] : []),
    ];
  });
}

describe('pairs of colour and depth', () => {
  it('are those that come one after the other, whichever is first', () => {
    expect(run('c0', 'd8', 'c33', 'd41')).toEqual(['c0+d8', 'c33+d41']);
    expect(run('d0', 'c8', 'd33', 'c41')).toEqual(['c8+d0', 'c41+d33']);
  });

  it('are at most so far apart', () => {
    expect(run('c0', `d${MOST_APART_MS}`)).toEqual([`c0+d${MOST_APART_MS}`]);
    expect(run('c0', `d${MOST_APART_MS + 0.001}`)).toEqual([]);
    expect(run('d20', 'c0')).toEqual(['c0+d20']); // pictures may overtake one another
  });

  it('take the nearer one, and leave the other', () => {
    expect(run('c0', 'd25', 'c33', 'd58', 'c66')).toEqual(['-c0', 'c33+d25', 'c66+d58']);
  });

  it('leave what has lost its partner', () => {
    expect(run('c0', 'c33', 'd41', 'd74', 'd108', 'c100')).toEqual(['-c0', 'c33+d41', '-d74', 'c100+d108']);
  });
});
