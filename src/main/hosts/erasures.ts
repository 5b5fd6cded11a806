// Erasing somebody, as every host does it: Mien's own data goes, and the files that were written from it are looked for, so that
// whoever asked can delete them by hand.
import { existsSync } from 'node:fs';
import type {
  ErasurePlan,
  ErasureProgress,
  ErasureResult,
  ErasureTarget,
  FoundExport,
  WrittenExport,
} from '../contract/participants.ts';
import type { RecordingStore } from '../store/recording-store.ts';
import { PROGRAM_VERSION } from './compose.ts';

/** What would be removed. Throws participant_unknown. */
export function planErasure(store: RecordingStore, target: ErasureTarget): ErasurePlan {
  const plan = store.planErasure(target);
  return { ...plan, exports: plan.exports.map(found) };
}

/** Removes somebody. Throws what {@link RecordingStore.erase} throws. */
export async function erase(
  store: RecordingStore,
  target: ErasureTarget,
  watch: { readonly signal: { readonly aborted: boolean }; readonly onProgress: (progress: ErasureProgress) => void },
): Promise<ErasureResult> {
  const { files, ...receipt } = await store.erase(target, PROGRAM_VERSION, watch);
  return { receipt, exports: files.map(found) };
}

const found = (file: WrittenExport): FoundExport => ({ ...file, isThere: existsSync(file.path) });
