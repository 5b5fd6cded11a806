// Makes the ONNX files of models/cache from the networks inside npm packages, once, and holds every step against the hashes of
// models/manifest.json. "--write-hashes" writes the hashes instead: for whoever changes the conversion.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest, ManifestModel } from '../../src/main/contract/manifest.ts';
import * as faceApi from './face-api.ts';
import type { GraphModel } from './graph-model.ts';
import * as human from './human.ts';
import { readWeights, type WeightSpec } from './weights.ts';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const MANIFEST = join(MODELS, 'manifest.json');

type Converted = ManifestModel & { origin: { kind: 'converted' } };
type Files = ReadonlyMap<string, Buffer>;

function fileOf(files: Files, ending: string): Buffer {
  for (const [name, bytes] of files) if (name.endsWith(ending)) return bytes;
  throw new Error(`a file *${ending} is missing from the manifest entry`);
}

type GraphConverter = (model: GraphModel, weights: Uint8Array) => Uint8Array;
type WeightConverter = (weights: ReturnType<typeof readWeights>) => Uint8Array;

const fromGraph =
  (convert: GraphConverter) =>
  (files: Files): Uint8Array =>
    convert(JSON.parse(fileOf(files, '.json').toString('utf8')) as GraphModel, fileOf(files, '.bin'));

const fromWeights =
  (convert: WeightConverter) =>
  (files: Files): Uint8Array => {
    const groups = JSON.parse(fileOf(files, '.json').toString('utf8')) as { weights: WeightSpec[] }[];
    return convert(
      readWeights(
        groups.flatMap((group) => group.weights),
        fileOf(files, '.bin'),
      ),
    );
  };

const CONVERTERS: Readonly<Record<string, (files: Files) => Uint8Array>> = {
  blazeface: fromGraph(human.blazeface),
  facemesh: fromGraph(human.facemesh),
  emotion: fromGraph(human.emotion),
  'tiny-face-detector': fromWeights(faceApi.tinyFaceDetector),
  'ssd-mobilenet': fromWeights(faceApi.ssdMobilenet),
  'face-landmark-68': fromWeights(faceApi.faceLandmark68),
  'face-expression': fromWeights(faceApi.faceExpression),
  'face-recognition': fromWeights(faceApi.faceRecognition),
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function isCurrent({ file, sha256: hash }: ManifestModel): boolean {
  const path = join(MODELS, file);
  return existsSync(path) && sha256(readFileSync(path)) === hash;
}

/** Not by module resolution: the packages do not export their weights. */
function packageFolder(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/${name}/`, import.meta.url));
}

/** Reads an entry's source files; their hashes must be those of the manifest unless they are being written. */
function readSources(id: string, { origin }: Converted, writing: boolean): Files {
  const files = new Map<string, Buffer>();
  for (const [name, hash] of Object.entries(origin.files)) {
    const bytes = readFileSync(join(packageFolder(origin.package), name));
    if (writing) origin.files[name] = sha256(bytes);
    else if (sha256(bytes) !== hash)
      throw new Error(`${origin.package}/${name} (for ${id}) is not the file that was measured`);
    files.set(name, bytes);
  }
  return files;
}

function convert(id: string, entry: Converted, writing: boolean): void {
  const converter = CONVERTERS[entry.origin.converter];
  if (!converter) throw new Error(`the manifest names an unknown converter ${entry.origin.converter}`);
  const bytes = converter(readSources(id, entry, writing));
  if (writing) entry.sha256 = sha256(bytes);
  else if (sha256(bytes) !== entry.sha256)
    throw new Error(`the conversion of ${id} gave other bytes than the manifest promises`);
  const path = join(MODELS, entry.file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
  console.log(`  ${id}: ${(bytes.length / 1e6).toFixed(1)} MB`);
}

const writing = process.argv.includes('--write-hashes');
const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
for (const [id, entry] of Object.entries(manifest.models)) {
  if (entry.origin.kind === 'converted') {
    if (writing || !isCurrent(entry)) convert(id, entry as Converted, writing);
  } else if (writing && entry.origin.kind === 'ours') {
    entry.sha256 = sha256(readFileSync(join(MODELS, entry.file)));
  }
}
if (writing) writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
