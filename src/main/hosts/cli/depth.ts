// mien depth: what a depth picture says about the faces in the colour picture of the same moment.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { parseDocument } from '../../contract/document.ts';
import { MienError } from '../../contract/errors.ts';
import { DEPTH_WORDS } from '../../contract/words.ts';
import { readFace, type DepthReading } from '../../core/depth/verdict.ts';
import type { Box } from '../../core/geometry.ts';
import { pictureSize, readDepth } from '../../sources/depth-picture.ts';
import { readStill } from '../../sources/still.ts';
import { openRegistry } from '../compose.ts';
import { facesInStill } from '../faces-in-still.ts';
import type { GlobalOptions } from './options.ts';
import { print, table } from './terminal.ts';

interface Options {
  readonly boxes?: string;
  readonly profile: string;
}

export function addDepthCommand(program: Command): void {
  program
    .command('depth')
    .description('Say what a depth picture says about the faces in a colour picture.')
    .argument('<colour>', 'a picture')
    .argument('<depth>', 'its depth: a PNG of 16 bits with millimetres, of a Kinect v1 (640 × 480) or v2 (512 × 424)')
    .option('--boxes <file>', 'a JSON list of faces as [x, y, width, height] in pixels of the colour picture')
    .option('--profile <name>', 'profile whose detector looks for faces where no boxes are given', 'mien')
    .addHelpText('after', '\nExample:\n  mien depth colour.png depth.png --boxes faces.json')
    .action(async (color: string, depth: string, options: Options) => {
      await run(color, depth, options, program.opts<GlobalOptions>());
    });
}

interface JudgedFace extends DepthReading {
  /** In pixels of the colour picture. */
  readonly box: Box;
}

async function run(color: string, path: string, options: Options, { data, json }: GlobalOptions): Promise<void> {
  const { depth, scale, isRegistered } = await readDepth(path, await pictureSize(color));
  const boxes = options.boxes === undefined ? await found(color, options.profile, data) : await listed(options.boxes);
  const faces = boxes.map((box): JudgedFace => {
    const { x, y, width, height } = box;
    const own = { x: scale * x, y: scale * y, width: scale * width, height: scale * height };
    return { box, ...readFace(depth, own) };
  });
  if (json)
    print(JSON.stringify({ sensor: depth.sensor, registered: isRegistered, faces: faces.map(written) }, null, 2));
  else print(textOf(faces));
}

async function found(color: string, profile: string, data: string | undefined): Promise<Box[]> {
  const registry = await openRegistry(data);
  return facesInStill(await readStill(color, color), registry, await registry.profile(profile));
}

const boxSchema = z.array(
  z
    .tuple([z.number(), z.number(), z.number().positive(), z.number().positive()])
    .transform(([x, y, width, height]): Box => ({ x, y, width, height })),
);

async function listed(file: string): Promise<Box[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MienError('input_missing', `${file} cannot be read.`, 'Check the name of the file of boxes.', { cause });
  });
  const remedy = 'Give a JSON list of [x, y, width, height] in pixels of the colour picture.';
  return parseDocument(text, boxSchema, { name: `The list of boxes ${file}`, code: 'usage', remedy });
}

function written({ box: { x, y, width, height }, verdict, measure }: JudgedFace): object {
  return {
    box: [x, y, width, height],
    verdict,
    distance_mm: measure?.distanceMm ?? null,
    face_width_mm: measure?.widthMm ?? null,
    sag_mm: measure?.sagMm ?? null,
    sag_se_mm: measure?.sagErrorMm ?? null,
    relief_mm: measure?.reliefMm ?? null,
    relief_se_mm: measure?.reliefErrorMm ?? null,
    valid_share: measure?.validShare ?? null,
    face_share: measure?.faceShare ?? null,
    ring_drop_mm: measure?.ringDropMm ?? null,
    around_share: measure?.aroundShare ?? null,
  };
}

function textOf(faces: readonly JudgedFace[]): string {
  if (faces.length === 0) return 'No face was found.';
  const mm = (value: number | undefined, digits = 0): string => value?.toFixed(digits) ?? '–';
  return table(
    ['box', 'depth says', 'distance mm', 'width mm', 'sag mm', '±', 'relief mm', 'depth in box'],
    faces.map(({ box, verdict, measure }) => [
      [box.x, box.y, box.width, box.height].map((value) => Math.round(value)).join(' '),
      DEPTH_WORDS[verdict],
      mm(measure?.distanceMm),
      mm(measure?.widthMm),
      mm(measure?.sagMm, 1),
      mm(measure?.sagErrorMm, 1),
      mm(measure?.reliefMm, 1),
      measure ? `${Math.round(100 * measure.validShare)} %` : '–',
    ]),
  );
}
