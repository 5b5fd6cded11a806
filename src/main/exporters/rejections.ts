// What depth rejected, for the sidecar and for the report. Of a session in which it rejected nothing there is nothing to say.
import type { DepthRejection } from '../core/record.ts';
import { DEPTH_WORDS } from '../contract/words.ts';
import type { ExportContext } from '../engine/ports.ts';

/** Those that lie in the part of the session that is written. */
export function rejectionsIn({ notes, span }: ExportContext): readonly DepthRejection[] {
  if (!span) return notes.rejections;
  const [fromMs, toMs] = [1000 * span.fromSeconds, 1000 * span.toSeconds];
  return notes.rejections.filter(({ firstMs, lastMs }) => !(firstMs >= toMs || lastMs < fromMs));
}

/** One of them as files and programs are told. */
export interface RejectionFacts {
  readonly first_frame: number;
  readonly last_frame: number;
  /** Null for pictures, which have no time. */
  readonly from_s: number | null;
  readonly to_s: number | null;
  readonly frames: number;
  readonly verdicts: readonly string[];
  readonly distance_mm: number | null;
}

/** The list, where it is not empty. */
export function rejectionFacts(rejections: readonly DepthRejection[]): { rejected_by_depth?: RejectionFacts[] } {
  if (rejections.length === 0) return {};
  const facts = rejections.map((one) => ({
    first_frame: one.firstSequence,
    last_frame: one.lastSequence,
    from_s: orNull(one.firstMs / 1000),
    to_s: orNull(one.lastMs / 1000),
    frames: one.frames,
    verdicts: one.verdicts,
    distance_mm: orNull(Math.round(one.distanceMm)),
  }));
  return { rejected_by_depth: facts };
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** When, why and where something was rejected. */
export function rejectionSentence(rejection: DepthRejection): string {
  const { firstSequence, lastSequence, firstMs, lastMs, frames, verdicts, distanceMm } = rejection;
  const why = verdicts.map((verdict) => DEPTH_WORDS[verdict]).join(', ');
  const distance = Number.isNaN(distanceMm) ? '' : `, ${(distanceMm / 1000).toFixed(2)} m away`;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const isTimed = !Number.isNaN(firstMs);
  const unit = isTimed ? 'frame' : 'picture';
  const count = frames === 1 ? `1 ${unit}` : `${frames} ${unit}s`;
  const when = isTimed
    ? `From ${seconds(firstMs)} to ${seconds(lastMs)} s`
    : `From picture ${firstSequence} to ${lastSequence}`;
  return `${when} (${count}): not a real face, ${why}${distance}.`;
}
