// Boxes, codes and landmarks over the picture. What is not valid is dashed, and whoever takes no part is grey.
import type { LiveFaceMessage } from '../../../main/contract/live.ts';

interface Options {
  readonly landmarks: boolean;
  readonly chosen: number | null;
}

const COLOURS = { valid: '#34d1a5', missing: '#ffc04d', bystander: '#c3c9d1', ground: '#10161dcc' } as const;

export function drawOverlay(
  canvas: HTMLCanvasElement,
  { width, height, faces }: { width: number; height: number; faces: readonly LiveFaceMessage[] },
  { landmarks, chosen }: Options,
): void {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, width, height);
  const unit = Math.max(1, width / 640);
  for (const face of faces) {
    const { box, participant, missingReason } = face;
    const colour = participant === null ? COLOURS.bystander : missingReason === null ? COLOURS.valid : COLOURS.missing;
    context.strokeStyle = colour;
    context.lineWidth = (face.track === chosen ? 4 : 2) * unit;
    context.setLineDash(missingReason === null ? [] : [6 * unit, 4 * unit]);
    context.strokeRect(box.x, box.y, box.width, box.height);
    if (landmarks && participant !== null) drawPoints(context, face.landmarks, colour, unit);
    if (participant !== null) drawCode(context, participant, box, colour, unit);
  }
}

function drawPoints(context: CanvasRenderingContext2D, points: Float32Array, colour: string, unit: number): void {
  context.fillStyle = colour;
  for (let i = 0; i < points.length; i += 2)
    context.fillRect(points[i] - unit, points[i + 1] - unit, 2 * unit, 2 * unit);
}

function drawCode(
  context: CanvasRenderingContext2D,
  code: string,
  box: LiveFaceMessage['box'],
  colour: string,
  unit: number,
): void {
  context.font = `600 ${14 * unit}px system-ui, sans-serif`;
  const width = context.measureText(code).width + 10 * unit;
  const top = Math.max(0, box.y - 20 * unit);
  context.fillStyle = COLOURS.ground;
  context.fillRect(box.x, top, width, 19 * unit);
  context.fillStyle = colour;
  context.fillText(code, box.x + 5 * unit, top + 14 * unit);
}

/** The face at a point of the picture, in pixels of the frame; the smallest where several lie over each other. */
export function faceAt(faces: readonly LiveFaceMessage[], x: number, y: number): LiveFaceMessage | null {
  const hit = faces.filter(({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
  hit.sort((p, q) => p.box.width - q.box.width);
  return hit[0] ?? null;
}
