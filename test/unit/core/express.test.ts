import { describe, expect, it } from 'vitest';
import { evenLight } from '../../../src/main/core/clahe.ts';
import { pictureOf } from '../../../src/main/core/face-input.ts';
import { ExpressionStage, type ExpressionMember } from '../../../src/main/core/express.ts';
import type { Frame } from '../../../src/main/core/frame.ts';
import { landmarks68, type FaceCrop, type Landmarks68 } from '../../../src/main/core/landmarks.ts';
import type { Network, Outputs } from '../../../src/main/core/networks.ts';
import { Arena, type TensorSpec } from '../../../src/main/core/sample.ts';
import { instantiateKernel, sharedMemory } from '../../../src/main/inference/kernel.ts';
import { frontalMesh } from '../../fixtures/fake-faces.ts';

const SIZE = 160;
const FRAME_AT = 65536; // the sampling kernel's own data lie in front
const ARENA_AT = 2 * 65536;

/** A frame of 160 × 160 pixels whose grey is its column, in the memory that the stage works on. */
class Room {
  readonly #memory = sharedMemory(4 * 65536);
  readonly kernel = instantiateKernel(this.#memory);
  readonly arena = new Arena(this.#memory.buffer, ARENA_AT, 4 * 65536);
  readonly frame: Frame;

  constructor() {
    const data = new Uint8Array(this.#memory.buffer, FRAME_AT, SIZE * SIZE);
    for (let i = 0; i < data.length; i++) data[i] = i % SIZE;
    this.frame = {
      sequence: 0,
      timeMs: 0,
      width: SIZE,
      height: SIZE,
      format: 'gray',
      colorSpace: { matrix: 'bt601', range: 'full' },
      planes: [{ data, stride: SIZE }],
    };
  }
}

const INPUT: TensorSpec = { width: 8, height: 8, color: 'gray', mean: [0], std: [1] };
const CROP: FaceCrop = { scale: 1, down: 0 };
const faceAt = (x: number): Landmarks68 => landmarks68(frontalMesh(x, 80, 40));

/** Answers with two probabilities for each picture: the mean of its greys over 200, and the rest. */
class MeanGray implements Network {
  readonly input = INPUT;
  readonly crop: FaceCrop | null = CROP;
  /** How many pictures came together, run by run. */
  readonly counts: number[] = [];

  run(tensor: Float32Array, count: number): Promise<Outputs> {
    this.counts.push(count);
    const length = INPUT.width * INPUT.height;
    const shares = new Float32Array(2 * count);
    for (let n = 0; n < count; n++) {
      const picture = tensor.subarray(n * length, (n + 1) * length);
      const share = picture.reduce((sum, value) => sum + value, 0) / length / 200;
      shares.set([share, 1 - share], 2 * n);
    }
    return Promise.resolve({ shares });
  }
}

const output = (...labels: string[]): ExpressionMember['output'] => ({
  name: 'shares',
  labels,
  kind: 'probabilities',
  temperature: 1,
});
const member = (id: string, network: Network, labels = ['happy', 'sad']): ExpressionMember => ({
  id,
  network,
  output: output(...labels),
});

/** A stage in a room, and the members that failed with what they said. */
function stageOf(...members: readonly ExpressionMember[]): { room: Room; stage: ExpressionStage; failures: string[] } {
  const room = new Room();
  const failures: string[] = [];
  const stage = new ExpressionStage(members, (id, error) => {
    failures.push(`${id}: ${error instanceof Error ? error.message : String(error)}`);
  });
  stage.attach(room.kernel, room.arena);
  return { room, stage, failures };
}

const HAPPINESS = 4;
const SADNESS = 6;

/** The share that {@link MeanGray} gives a face: the grey in the middle of it is its column. */
const shareAt = (x: number): number => (x - 0.5) / 200;

class Failing extends MeanGray {
  isFailing = true;
  override run(tensor: Float32Array, count: number): Promise<Outputs> {
    return this.isFailing ? Promise.reject(new Error('out of order')) : super.run(tensor, count);
  }
}

describe('an ensemble', () => {
  it('answers for each face in the order of the members, in the order of the expressions', async () => {
    const { room, stage, failures } = stageOf(
      member('first', new MeanGray()),
      member('second', new MeanGray(), ['sad', 'happy']),
    );
    const answers = await stage.estimate(room.frame, [faceAt(60), faceAt(100)]);
    expect(answers).toHaveLength(2);
    [60, 100].forEach((x, i) => {
      const [first, second] = answers[i];
      expect(first?.[HAPPINESS]).toBeCloseTo(shareAt(x), 3);
      expect(first?.[SADNESS]).toBeCloseTo(1 - shareAt(x), 3);
      expect(second?.[SADNESS]).toBeCloseTo(shareAt(x), 3);
      expect(second?.[HAPPINESS]).toBeCloseTo(1 - shareAt(x), 3);
      expect([...(first ?? [])].filter(Number.isNaN)).toHaveLength(6);
    });
    expect(failures).toEqual([]);
  });

  it('runs a graph once for all members that are outputs of it', async () => {
    const network = new MeanGray();
    const heads = [
      member('one head', network),
      member('between', new MeanGray()),
      member('other', network, ['sad', 'happy']),
    ];
    const { room, stage, failures } = stageOf(...heads);
    const [answers] = await stage.estimate(room.frame, [faceAt(60)]);
    expect(network.counts).toEqual([1]);
    const share = shareAt(60);
    [share, share, 1 - share].forEach((p, i) => expect(answers[i]?.[HAPPINESS]).toBeCloseTo(p, 3));
    expect(failures).toEqual([]);
  });

  it('takes the faces of a frame together, four at most', async () => {
    const network = new MeanGray();
    const { room, stage } = stageOf(member('only', network));
    const places = [50, 60, 70, 80, 90];
    const answers = await stage.estimate(room.frame, places.map(faceAt));
    expect(network.counts).toEqual([4, 1]);
    places.forEach((x, i) => expect(answers[i][0]?.[HAPPINESS]).toBeCloseTo(shareAt(x), 3));
  });

  it('sees light that was evened out where the profile says so, and shows it so', async () => {
    const seen: Float32Array[] = [];
    class Seeing extends MeanGray {
      override run(tensor: Float32Array, count: number): Promise<Outputs> {
        seen.push(tensor.slice(0, 2 * 64));
        return super.run(tensor, count);
      }
    }
    const pixelsOf = async (lighting: 'clahe' | null): Promise<Uint8Array> => {
      const room = new Room();
      const stage = new ExpressionStage([member('only', new Seeing())], () => undefined, lighting);
      stage.attach(room.kernel, room.arena);
      await stage.estimate(room.frame, [faceAt(60), faceAt(100)]);
      await stage.estimateCrop(room.frame, false);
      return stage.inputs(room.frame, faceAt(100))[0].pixels;
    };
    const plainInput = await pixelsOf(null);
    const [plain, plainCrop] = seen.splice(0);
    const evenInput = await pixelsOf('clahe');
    const [even, evenCrop] = seen;
    evenLight(plain.subarray(0, 64), INPUT);
    evenLight(plain.subarray(64), INPUT);
    evenLight(plainCrop.subarray(0, 64), INPUT);
    expect(even).toEqual(plain);
    expect(evenCrop.subarray(0, 64)).toEqual(plainCrop.subarray(0, 64));
    expect(evenInput).toEqual(pictureOf('only', even.subarray(64), INPUT).pixels);
    expect(evenInput).not.toEqual(plainInput);
  });

  it('is not asked about a frame without faces', async () => {
    const network = new MeanGray();
    const { room, stage, failures } = stageOf(member('only', network));
    expect(await stage.estimate(room.frame, [])).toEqual([]);
    expect(network.counts).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('goes on in other memory when it is attached again', async () => {
    const { stage } = stageOf(member('only', new MeanGray()));
    const other = new Room();
    stage.attach(other.kernel, other.arena);
    const [[answer]] = await stage.estimate(other.frame, [faceAt(70)]);
    expect(answer?.[HAPPINESS]).toBeCloseTo(shareAt(70), 3);
  });
});

describe('a member that fails', () => {
  it('is reported, answers nothing for any face, and leaves the others their answers', async () => {
    const { room, stage, failures } = stageOf(
      member('first', new MeanGray()),
      member('broken', new Failing()),
      member('last', new MeanGray()),
    );
    const answers = await stage.estimate(room.frame, [faceAt(60), faceAt(100)]);
    expect(failures).toEqual(['broken: out of order']);
    for (const [i, x] of [60, 100].entries()) {
      expect(answers[i]).toHaveLength(3);
      expect(answers[i][0]?.[HAPPINESS]).toBeCloseTo(shareAt(x), 3);
      expect(answers[i][1]).toBeNull();
      expect(answers[i][2]?.[HAPPINESS]).toBeCloseTo(shareAt(x), 3);
    }
  });

  it('takes with it all that are outputs of the same graph, and is named for each', async () => {
    const network = new Failing();
    const { room, stage, failures } = stageOf(member('one head', network), member('other', network));
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual([[null, null]]);
    expect(failures).toEqual(['one head: out of order', 'other: out of order']);
  });

  it('is asked again in the next frame', async () => {
    const network = new Failing();
    const { room, stage, failures } = stageOf(member('moody', network));
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual([[null]]);
    network.isFailing = false;
    const [[answer]] = await stage.estimate(room.frame, [faceAt(60)]);
    expect(answer?.[HAPPINESS]).toBeCloseTo(shareAt(60), 3);
    expect(failures).toHaveLength(1);
  });

  it('because it has more values than labels is reported', async () => {
    const { room, stage, failures } = stageOf(member('short', new MeanGray(), ['happy']));
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual([[null]]);
    expect(failures).toEqual(['short: 2 values for 1 labels']);
  });

  it('because a label means no expression is reported', async () => {
    const { room, stage, failures } = stageOf(member('hungry', new MeanGray(), ['happy', 'hungry']));
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual([[null]]);
    expect(failures).toEqual(['hungry: the label hungry means no expression']);
  });

  it('because it has no output of that name is reported', async () => {
    const { room, stage, failures } = stageOf({
      ...member('mute', new MeanGray()),
      output: { ...output('happy', 'sad'), name: 'logits' },
    });
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual([[null]]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^mute: /);
  });

  it('because it does not say how a face is cut for it is reported', async () => {
    class Uncut extends MeanGray {
      override readonly crop = null;
    }
    const { room, stage, failures } = stageOf(member('uncut', new Uncut()), member('good', new MeanGray()));
    const [[uncut, good]] = await stage.estimate(room.frame, [faceAt(60)]);
    expect(uncut).toBeNull();
    expect(good?.[HAPPINESS]).toBeCloseTo(shareAt(60), 3);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^uncut: /);
  });
});

describe('what a member is given of a face', () => {
  /** Keeps what it is given, of three colours with a mean and a scale of their own. */
  class Keeping extends MeanGray {
    override readonly input: TensorSpec = { width: 16, height: 12, color: 'rgb', mean: [1, 2, 3], std: [10, 20, 30] };
    kept = new Float32Array(0);
    override run(tensor: Float32Array, count: number): Promise<Outputs> {
      this.kept = tensor.slice(0, count * 16 * 12 * 3);
      return Promise.resolve({ shares: new Float32Array(2 * count).fill(0.5) });
    }
  }

  it.each([50, 100, 4])('is the tensor that it is run on, as a picture: face at column %i', async (x) => {
    const network = new Keeping();
    const { room, stage } = stageOf(member('gray', new MeanGray()), member('colour', network));
    await stage.estimate(room.frame, [faceAt(80), faceAt(x)]);
    const second = network.kept.subarray(16 * 12 * 3);
    const [gray, colour] = stage.inputs(room.frame, faceAt(x));
    expect(gray).toMatchObject({ model: 'gray', width: 8, height: 8, channels: 1 });
    expect(gray.pixels).toHaveLength(64);
    expect(colour).toMatchObject({ model: 'colour', width: 16, height: 12, channels: 3 });
    const { mean, std } = network.input;
    const back = Uint8Array.from({ length: 16 * 12 * 3 }, (_, i) => {
      const [pixel, c] = [Math.floor(i / 3), i % 3];
      return Math.round(second[c * 16 * 12 + pixel] * std[c] + mean[c]);
    });
    expect(colour.pixels).toEqual(back);
    expect(new Set(colour.pixels).size).toBeGreaterThan(8); // a ramp, not one grey
  });

  it('changes nothing of what is estimated', async () => {
    const { room, stage } = stageOf(member('only', new MeanGray()));
    const before = await stage.estimate(room.frame, [faceAt(60)]);
    stage.inputs(room.frame, faceAt(100));
    expect(await stage.estimate(room.frame, [faceAt(60)])).toEqual(before);
  });
});
