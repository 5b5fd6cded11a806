// The occlusion network against a face that is covered by hand.
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/main/core/frame.ts';
import { landmarks68, regionOfDetection, type Landmarks68 } from '../../src/main/core/landmarks.ts';
import { FaceNetworks, FedNetwork } from '../../src/main/core/networks.ts';
import { OCCLUSION_CELLS } from '../../src/main/core/occlusion.ts';
import { Sampler } from '../../src/main/core/sample.ts';
import type { OrtModel } from '../../src/main/inference/ort-model.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { MODELS, openModel } from '../fixtures/models.ts';
import {
  boxesOfFaces,
  FrameRoom,
  PHOTOGRAPHS,
  readPhotograph,
  type Photograph,
  type Pixels,
} from '../fixtures/photographs.ts';

describe('the occlusion of a face in a photograph', () => {
  /** Two photographs of seven people with nothing in front of their faces. */
  const OPEN = [PHOTOGRAPHS[0], PHOTOGRAPHS[5]];

  const room = new FrameRoom();
  let model: OrtModel;
  let networks: FaceNetworks;
  let maxOcclusion: number;

  beforeAll(async () => {
    model = await openModel('occlusion');
    networks = new FaceNetworks({
      detector: await openModel('blazeface'),
      mesh: await openModel('facemesh'),
      occlusion: model,
      embedder: null,
    });
    networks.attach(room.kernel, room.arena);
    ({ maxOcclusion } = (await (await ModelRegistry.open(MODELS)).profile('mien')).quality);
  });

  async function landmarksIn(photograph: Photograph, pixels: Pixels): Promise<Landmarks68[]> {
    const frame = room.frame(pixels);
    const faces = boxesOfFaces(photograph, pixels, await networks.detect(frame, 0.5));
    const readings = await networks.mesh(frame, faces.map(regionOfDetection), 'edge');
    return readings.map(({ mesh }) => landmarks68(mesh));
  }

  /** Skin between the tip of the nose and the jaw: one colour, that of the face's right cheek. */
  async function withCoveredMouth({ data, width, height }: Pixels, face: Landmarks68): Promise<Pixels> {
    const point = (i: number): string => `${face[2 * i]},${face[2 * i + 1]}`;
    const [x, y] = [0, 1].map((axis) => Math.round((face[2 * 2 + axis] + face[2 * 30 + axis]) / 2));
    const color = [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)].join(',');
    const outline = [...Array.from({ length: 13 }, (_, i) => point(i + 2)), point(29)].join(' ');
    const patch = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <polygon points="${outline}" fill="rgb(${color})"/></svg>`;
    const picture = sharp(data, { raw: { width, height, channels: 3 } }).composite([{ input: Buffer.from(patch) }]);
    return { data: await picture.removeAlpha().raw().toBuffer(), width, height };
  }

  /** The mean probability of being hidden in the middle columns of the upper and of the lower third of the cut face. */
  async function upperAndLower(frame: Frame, face: Landmarks68): Promise<readonly [number, number]> {
    const cells = new FedNetwork(model, new Sampler(room.kernel, room.arena, 3), 1);
    const [thirds] = await cells.runOnFaces(frame, [face], ({ occlusion_logits }) => {
      const mean = (firstRow: number): number => {
        let sum = 0;
        for (let row = firstRow; row < firstRow + 4; row++)
          for (let column = 4; column < 8; column++)
            sum += 1 / (1 + Math.exp(-occlusion_logits[row * OCCLUSION_CELLS + column]));
        return sum / 16;
      };
      return [mean(0), mean(8)] as const;
    });
    return thirds;
  }

  it.each(OPEN)("stays under the profile's limit for the open faces of $file", async (photograph) => {
    const pixels = await readPhotograph(photograph);
    const faces = await landmarksIn(photograph, pixels);
    const shares = await networks.occlusion(room.frame(pixels), faces);
    expect(shares).toHaveLength(photograph.faces.length);
    for (const share of shares) expect(share).toBeLessThan(maxOcclusion);
  });

  it.each(OPEN)('rises above a quarter where the mouth and chin of $file are painted over', async (photograph) => {
    const pixels = await readPhotograph(photograph);
    for (const face of await landmarksIn(photograph, pixels)) {
      const [share] = await networks.occlusion(room.frame(await withCoveredMouth(pixels, face)), [face]);
      expect(share).toBeGreaterThan(0.25);
    }
  });

  it('rises in the lower third of the face, where the patch is, and not in the upper', async () => {
    const pixels = await readPhotograph(OPEN[0]);
    for (const face of await landmarksIn(OPEN[0], pixels)) {
      const [upperBefore, lowerBefore] = await upperAndLower(room.frame(pixels), face);
      const covered = await withCoveredMouth(pixels, face);
      const [upperAfter, lowerAfter] = await upperAndLower(room.frame(covered), face);
      expect(lowerAfter - lowerBefore).toBeGreaterThan(0.5);
      expect(Math.abs(upperAfter - upperBefore)).toBeLessThan(0.2);
    }
  });
});
