// Where the corners of the eyes and of the mouth are in each picture of FER2013's Training split, for the smiles that expression.py makes.
//
//     node training/landmarks.ts FER2013 OUT.csv
//
// Columns: index (that of labels.csv), face_logit of the mesh network, then x and y of the points 36, 39, 42, 45 (eyes), 48 and 54 (mouth) of
// iBUG's 68 in pixels of the tile. Each picture is looked at twice: at the whole of it, then at where the first look saw the face.
import { writeFile } from 'node:fs/promises';
import { frameBytes, planesIn, type Frame } from '../src/main/core/frame.ts';
import { landmarks68, regionOfMesh } from '../src/main/core/landmarks.ts';
import { FaceNetworks } from '../src/main/core/networks.ts';
import { Arena } from '../src/main/core/sample.ts';
import { openRegistry } from '../src/main/hosts/compose.ts';
import { FrameMemory } from '../src/main/inference/frame-memory.ts';
import { instantiateKernel } from '../src/main/inference/kernel.ts';
import { OrtModel } from '../src/main/inference/ort-model.ts';
import { openDataset } from '../src/main/sources/dataset.ts';

const POINTS = [36, 39, 42, 45, 48, 54];
const TILE = 48;
/** FER2013's pictures end at the chin and the hair line; the mesh network wants half as much again. */
const FIRST_LOOK = { center: { x: TILE / 2, y: TILE / 2 }, size: 1.35 * TILE, angle: 0 };

const [folder, out] = process.argv.slice(2);
if (!folder || !out) throw new Error('It is called so: node training/landmarks.ts FER2013 OUT.csv');

const registry = await openRegistry();
const load = async (id: string): Promise<OrtModel> => OrtModel.create(id, registry.entry(id), await registry.bytes(id));
const networks = new FaceNetworks({
  ...{ detector: await load('blazeface'), mesh: await load('facemesh'), occlusion: await load('occlusion') },
  embedder: null,
});
const room = new FrameMemory(1, frameBytes('gray', TILE, TILE), 1);
const slot = room.take();
if (!slot) throw new Error('a memory of one slot has one');
const { start, end } = room.arena(0);
networks.attach(instantiateKernel(room.memory), new Arena(room.memory.buffer, start, end));

const { pictures } = await openDataset(folder, { split: 'Training', byVotes: false, ignoresUnknown: false });
const lines = [['index', 'face_logit', ...POINTS.flatMap((i) => [`x${i}`, `y${i}`])].join(',')];
for (const [sequence, picture] of pictures.entries()) {
  const { width, height, format, bytes } = await picture.read();
  slot.bytes.set(bytes);
  const colorSpace = { matrix: 'bt601', range: 'full' } as const;
  const planes = planesIn(slot.bytes, format, width, height);
  const frame: Frame = { sequence, timeMs: NaN, width, height, format, colorSpace, planes };
  const [first] = await networks.mesh(frame, [FIRST_LOOK], 'edge');
  const [reading] = await networks.mesh(frame, [regionOfMesh(first.mesh)], 'edge');
  const points = landmarks68(reading.mesh);
  const numbers = POINTS.flatMap((i) => [points[2 * i], points[2 * i + 1]]);
  lines.push([picture.name, ...[reading.faceLogit, ...numbers].map((value) => value.toFixed(2))].join(','));
  if (sequence % 1000 === 0) console.error(`${sequence} of ${pictures.length}`);
}
await writeFile(out, lines.join('\n') + '\n');
