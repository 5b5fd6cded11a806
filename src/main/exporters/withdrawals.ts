// Consent that was taken back, for the sidecar and for the report. Of a session in which nobody did there is nothing to say.
import { SCOPE_WORDS } from '../contract/words.ts';
import type { StoredSession } from '../engine/ports.ts';

export function withdrawalFacts({ withdrawals }: StoredSession): Record<string, unknown> {
  if (withdrawals.length === 0) return {};
  const withdrawn = withdrawals.map(({ participant, scope, unixMs, whileRecording }) => ({
    ...{ participant, scope, withdrawn: new Date(unixMs).toISOString(), while_recording: whileRecording },
  }));
  return { withdrawn };
}

/** A sentence for each participant; empty for nobody. */
export function withdrawalWords({ withdrawals }: StoredSession): string {
  const codes = [...new Set(withdrawals.map(({ participant }) => participant))];
  const sentences = codes.map((code) => {
    const own = withdrawals.filter(({ participant }) => participant === code);
    const words = own.map(
      ({ scope, unixMs, whileRecording }) =>
        `${SCOPE_WORDS[scope]} (${new Date(unixMs).toISOString()}${whileRecording ? ', while recording' : ''})`,
    );
    const sharing = own.some(({ scope }) => scope === 'sharing')
      ? ' The numbers of this participant must not be passed on.'
      : '';
    return ` ${code} took back consent to ${words.join(', ')}.${sharing}`;
  });
  return sentences.join('');
}
