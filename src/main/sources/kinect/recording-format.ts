// Recordings in the format of libfreenect's fakenect: a folder with a file for each picture, and INDEX.txt with their names in order. A
// name says what it is, when it came in seconds since 1970, and what the device's clock said. Depth is raw 11-bit disparity in 16 bits,
// the low byte first, although a PGM would have it last.
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MienError } from '../../contract/errors.ts';
import { V1_COLOR_BYTES, V1_DEPTH_BYTES, V1_HEIGHT, V1_WIDTH } from './geometry.ts';
import type { StreamName } from './pairing.ts';

export const INDEX_NAME = 'INDEX.txt';

/** First line and bytes behind it of a picture's file. */
export const FILES = {
  color: { letter: 'r', ending: 'ppm', head: `P6 ${V1_WIDTH} ${V1_HEIGHT} 255\n`, bytes: V1_COLOR_BYTES },
  depth: { letter: 'd', ending: 'pgm', head: `P5 ${V1_WIDTH} ${V1_HEIGHT} 65535\n`, bytes: V1_DEPTH_BYTES },
} as const;

/** A picture of a recording, as its file's name describes it. */
export interface RecordedPicture {
  readonly stream: StreamName;
  readonly name: string;
  /** Seconds since 1970. */
  readonly unixS: number;
  readonly deviceTime: number;
}

export const nameOf = (stream: StreamName, unixS: number, deviceTime: number): string =>
  `${FILES[stream].letter}-${unixS.toFixed(6)}-${deviceTime}.${FILES[stream].ending}`;

const NAME = /^([rda])-(\d+(?:\.\d+)?)-(\d+)\.\w+$/;
const STREAMS: Readonly<Partial<Record<string, StreamName>>> = { r: 'color', d: 'depth' };

const REMEDY = 'Choose a folder that Mien or fakenect-record has written.';

/** How many files are looked at together. */
const TOGETHER = 32;

/**
 * The pictures of a recording in their order, when all are there and whole; positions of the motor are left out. Throws input_missing,
 * input_unsupported, input_empty and input_unreadable.
 */
export async function checkRecording(folder: string | undefined): Promise<RecordedPicture[]> {
  if (!folder) {
    const remedy = 'Set FAKENECT_PATH to the folder of a recording, or use the true libfreenect.';
    throw new MienError('input_missing', 'The fake Kinect library has no recording to play.', remedy);
  }
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) throw new MienError('input_missing', `There is no folder ${folder}.`, REMEDY);
  const index = await readFile(join(folder, INDEX_NAME), 'utf8').catch(() => null);
  if (index === null) {
    const message = `${folder} is not a recording of a Kinect: it has no ${INDEX_NAME}.`;
    throw new MienError('input_unsupported', message, REMEDY);
  }
  const pictures = linesOf(index).flatMap((name) => entryOf(name, folder) ?? []);
  for (const stream of ['color', 'depth'] as const) {
    if (pictures.some((picture) => picture.stream === stream)) continue;
    throw new MienError('input_empty', `The recording ${folder} has no ${stream} pictures.`, REMEDY);
  }
  for (let from = 0; from < pictures.length; from += TOGETHER) {
    await Promise.all(pictures.slice(from, from + TOGETHER).map((picture) => checkFile(folder, picture)));
  }
  return pictures;
}

/** The names in an index. Behind the last end of a line may be half a name: a full disk or a power cut leaves it so. */
function linesOf(index: string): string[] {
  const lines = index.split(/\r?\n/);
  const last = lines.pop() ?? '';
  if (/\.(?:ppm|pgm|dump)$/.test(last)) lines.push(last);
  return lines.filter((line) => line !== '');
}

/** Null for what is no picture. Names with folders in them lead elsewhere and are none of a recording. */
function entryOf(name: string, folder: string): RecordedPicture | null {
  const [, letter = '', unixS, deviceTime] = NAME.exec(name) ?? [];
  if (letter === '') {
    const message = `${folder} is not a recording of a Kinect: ${INDEX_NAME} names "${name}".`;
    throw new MienError('input_unsupported', message, REMEDY);
  }
  const stream = STREAMS[letter];
  return stream ? { stream, name, unixS: Number(unixS), deviceTime: Number(deviceTime) } : null;
}

async function checkFile(folder: string, { stream, name }: RecordedPicture): Promise<void> {
  const { head, bytes } = FILES[stream];
  const file = await open(join(folder, name)).catch((cause: unknown) => {
    const message = `The recording ${folder} is not whole: ${name} is missing.`;
    throw new MienError('input_unreadable', message, REMEDY, { cause });
  });
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(head.length), 0, head.length, 0);
    if (size !== head.length + bytes || buffer.toString('latin1') !== head) throw damaged(folder, name);
  } finally {
    await file.close();
  }
}

/** Reads the bytes behind the first line of a picture's file into `into`. Throws input_unreadable. */
export async function readPicture(folder: string, picture: RecordedPicture, into: Uint8Array): Promise<void> {
  const { head } = FILES[picture.stream];
  const file = await open(join(folder, picture.name)).catch((cause: unknown) => {
    throw new MienError('input_unreadable', `${picture.name} cannot be read any more.`, REMEDY, { cause });
  });
  try {
    const { bytesRead } = await file.read(into, 0, into.length, head.length);
    if (bytesRead !== into.length) throw damaged(folder, picture.name);
  } finally {
    await file.close();
  }
}

const damaged = (folder: string, name: string): MienError =>
  new MienError('input_unreadable', `The recording ${folder} is not whole: ${name} is damaged.`, REMEDY);
