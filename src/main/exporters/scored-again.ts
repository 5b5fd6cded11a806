// What the files say of a session that was scored again from the stored outputs of another one.
import type { RescoredFrom, StoredSession } from '../engine/ports.ts';

const nameOf = ({ from, fromCode }: RescoredFrom): string => (fromCode === null ? from : `${fromCode} (${from})`);

/** The part of the sidecar; nothing for other sessions. */
export function scoredAgainFacts({ rescored }: StoredSession): Record<string, unknown> {
  if (!rescored) return {};
  const { from, fromCode, unixMs, measuredVersion } = rescored;
  const what =
    'scored again with this profile from the stored outputs of the models in another session: the outputs are unchanged, they ' +
    'were fused and judged anew';
  const when = new Date(unixMs).toISOString();
  return {
    scored_again: { what, from_session_id: from, from_code: fromCode, when, models_run_by_version: measuredVersion },
  };
}

/** The same as sentences behind others; empty for other sessions. */
export function scoredAgainWords({ rescored }: StoredSession): string {
  if (!rescored) return '';
  const when = new Date(rescored.unixMs).toISOString();
  return (
    ` The session was scored again on ${when} from the stored outputs of the session ${nameOf(rescored)}; the outputs of the models, ` +
    `which were run by Mien ${rescored.measuredVersion}, are unchanged.`
  );
}
